"""Names of files that are never read, and near misses that are."""

from __future__ import annotations

import pytest

from fim_lsp.privacy.secret_files import secret_rule

SECRET = """
.env .env.local .env.production .env.example prod.env .envrc .flaskenv .dev.vars
server.pem private.key cert.crt ca.cer store.p12 store.pfx release.jks debug.keystore AuthKey_ABC.p8 putty.ppk
id_rsa id_rsa.pub id_ed25519 id_ed25519_sk id_ecdsa.old id_github id_work.pub
passwords.kdbx login.keychain-db logins.json key4.db
secrets.yml secrets.json secrets.py secret.txt db-secret.yaml my.secret credentials credentials.json aws_credentials
client_secret_123.apps.googleusercontent.com.json service-account.json
.netrc _netrc .npmrc .pypirc .pgpass .git-credentials .htpasswd .vault-token terraform.tfvars prod.tfstate
kubeconfig admin.kubeconfig
.bash_history .zsh_history .python_history .psql_history .mysql_history ConsoleHost_history.txt
.ssh/config .ssh/known_hosts .gnupg/x .aws/config .azure/token.json .kube/config .docker/config.json
.config/gcloud/application_default_credentials.json .config/gh/hosts.yml .git/config .cargo/credentials.toml
.config/fim-lsp/config.toml
""".split()  # noqa: SIM905 (a page reads better than a list)

PLAIN = """
env.py environment.ts settings.environment.ts main.py key.py keys.ts monkey.ts turkey.key.ts cert.go certificate.rs
pem.py id_generator.py id_token.ts identity.go history.py login.py logindata.rs token.py tokens.json password.py
passwd.c
ssh.py aws/config.py kube.ts docker/config.json git/config .gitignore .dockerignore README.md Makefile package.json
config.toml credential_helper.go wallet.py secretary.py shadow.py config/rclone.py
""".split()  # noqa: SIM905


@pytest.mark.parametrize("folder", ["", "/home/me/project/", "C:\\Users\\Me\\"])
@pytest.mark.parametrize("name", SECRET)
def test_secret(folder: str, name: str) -> None:
    assert secret_rule(folder + name).startswith("secret list: ")
    assert secret_rule(folder + name.upper())


@pytest.mark.parametrize("folder", ["", "/home/me/project/"])
@pytest.mark.parametrize("name", PLAIN)
def test_plain(folder: str, name: str) -> None:
    assert secret_rule(folder + name) == ""


def test_windows_drops_dots_and_blanks_at_the_end_of_names() -> None:
    assert secret_rule("C:\\project\\.env. ")
