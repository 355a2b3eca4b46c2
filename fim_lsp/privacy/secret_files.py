"""Files that are never read: their names say that they hold secrets, whatever any setting or ignore file says.

Pure: a path in, the rule that covers it out. Where a name is both a secret's and ordinary code's, the list errs on the
side of silence: a missing suggestion can be borne.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

NAMES = {
    "environments": ".env* *.env .flaskenv .dev.vars local.settings.json *.tfvars *.tfvars.json *.tfstate *.tfstate.*",
    "keys": """
        *.pem *.key *.p8 *.pk8 *.ppk *.snk *.gpg *.pgp *.age *.keytab *.ovpn *.rdp .pgpkeys secring.* pubring.*
        master.key id_rsa* id_dsa* id_ecdsa* id_ed25519* ssh_host_*_key*
    """,
    "certificates and their stores": """
        *.p12 *.pfx *.pkcs12 *.p7b *.p7c *.cer *.crt *.der *.csr *.jks *.jceks *.keystore *.truststore *.bks
        *.mobileprovision
    """,
    "password databases": """
        *.kdb *.kdbx *.psafe3 *.agilekeychain *.opvault *.1pif *.1pux *.enpassdb *.keychain *.keychain-db *.walletx
        wallet.dat passwd passwd- shadow shadow- gshadow sudoers master.passwd htpasswd .htpasswd .htdigest
        logins.json key3.db key4.db cookies.sqlite signons.sqlite login*data
    """,
    "secrets by name": """
        secret.* secrets.* *.secret *.secrets *.yml.enc *.yaml.enc
        *secret*.yaml *secret*.yml *secret*.json *secret*.toml *secret*.ini *secret*.txt *secret*.properties
    """,
    "credentials by name": """
        credentials credentials.* credential.* .credentials* *_credentials *-credentials
        *credential*.yaml *credential*.yml *credential*.json *credential*.toml *credential*.ini *credential*.txt
        *credential*.csv service-account*.json service_account*.json *serviceaccount*.json gcp-key*.json
        *firebase-adminsdk*.json auth.json
    """,
    "credentials of tools": """
        .netrc _netrc .authinfo* .pgpass pgpass.conf .my.cnf .mylogin.cnf .npmrc .pypirc .git-credentials .gitcookies
        .dockercfg .docker-credentials.json .vault-token .vault_pass* vault_pass* .vault-password* vault-password*
        .terraformrc terraform.rc .boto .s3cfg .s3curl .passwd-s3fs rclone.conf .rclone.conf .sentryclirc .netlify-token
        kubeconfig kubeconfig.* kubeconfig-* *.kubeconfig .esmtprc .msmtprc .fetchmailrc
    """,
    "histories": """
        *_history .histfile .sqlite_history history.sqlite consolehost_history.txt .viminfo .lesshst
    """,
}
"""Globs over a file's name, in lower case."""

PLACES = {
    "keys": ".ssh/** .gnupg/** .password-store/** .pki/** .local/share/keyrings/** library/keychains/** .secrets/**",
    "clouds": """
        .aws/** .azure/** .oci/** .kube/** .config/gcloud/** gcloud/legacy_credentials/** .terraform.d/**
        .config/doctl/** .config/heroku/** .docker/config.json
    """,
    "tools": """
        .git/config .config/git/credentials .config/gh/hosts.yml .config/hub .config/op/** .config/rclone/**
        .cargo/credentials* .gem/credentials .bundle/config .m2/settings.xml .m2/settings-security.xml
        .gradle/gradle.properties .cache/huggingface/token .huggingface/token .config/filezilla/** .purple/accounts.xml
        fim-lsp/config.toml
    """,
    "histories": ".local/share/fish/fish_history proc/*/environ",
}
"""Globs over the end of a path, in lower case; `**` is any rest."""


def secret_rule(path: str) -> str:
    """The rule that covers a path (absolute or not, `/` or `\\`); empty if none does.

    >>> secret_rule("/home/me/project/.env.local")
    'secret list: .env*'
    """
    path = path.replace("\\", "/").lower().rstrip(". ")
    name = path.rpartition("/")[2]
    for found, globs in ((_names()[0].fullmatch(name), _names()[1]), (_places()[0].search(path), _places()[1])):
        if found and found.lastindex:
            return f"secret list: {globs[found.lastindex - 1]}"
    return "secret list: id_*" if _BARE_KEY.fullmatch(name) else ""


_BARE_KEY = re.compile(r"id_[a-z0-9_-]+(?:\.pub)?")
"""SSH's name for keys; with another ending it is somebody's `id_generator.py`."""


@cache
def _names() -> tuple[re.Pattern[str], list[str]]:
    globs = " ".join(NAMES.values()).split()
    return re.compile(_any_of(globs)), globs


@cache
def _places() -> tuple[re.Pattern[str], list[str]]:
    globs = " ".join(PLACES.values()).split()
    return re.compile(f"(?:^|/)(?:{_any_of(globs)})$"), globs


def _any_of(globs: Iterable[str]) -> str:
    return "|".join(f"({_pattern(glob)})" for glob in globs)


def _pattern(glob: str) -> str:
    """`*` stays within a name, `**` does not."""
    return ".*".join("[^/]*".join(map(re.escape, part.split("*"))) for part in glob.split("**"))
