"""Secrets of many kinds, made up here: none of them opens anything."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

_ALNUM = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Canary:
    """A text that somebody pastes, and the part of it that must not leave."""

    kind: str
    text: str
    secret: str

    def __str__(self) -> str:
        return self.kind


def _some(rng: random.Random, count: int, letters: str = _ALNUM) -> str:
    return "".join(rng.choices(letters, k=count))


MARKED = {
    "AWS key id": ("AKIA", 16, string.ascii_uppercase + string.digits),
    "AWS temporary": ("ASIA", 16, string.ascii_uppercase + string.digits),
    "GitHub": ("ghp_", 36, _ALNUM),
    "GitHub app": ("ghs_", 36, _ALNUM),
    "GitHub fine": ("github_pat_", 82, _ALNUM + "_"),
    "GitLab": ("glpat-", 20, _ALNUM + "_-"),
    "Slack bot": ("xoxb-", 40, string.digits + "-" + string.ascii_letters),
    "Slack app": ("xapp-1-", 40, _ALNUM + "-"),
    "Stripe": ("sk_live_", 24, _ALNUM),
    "Stripe restricted": ("rk_test_", 24, _ALNUM),
    "Stripe webhook": ("whsec_", 32, _ALNUM),
    "OpenAI": ("sk-proj-", 48, _ALNUM + "_-"),
    "OpenAI old": ("sk-", 48, _ALNUM),
    "Anthropic": ("sk-ant-api03-", 80, _ALNUM + "_-"),
    "Google": ("AIza", 35, _ALNUM + "_-"),
    "Google OAuth": ("ya29.", 60, _ALNUM + "_-"),
    "Google client": ("GOCSPX-", 28, _ALNUM + "_-"),
    "Hugging Face": ("hf_", 34, string.ascii_letters),
    "npm": ("npm_", 36, _ALNUM),
    "PyPI": ("pypi-", 120, _ALNUM + "_-"),
    "Docker": ("dckr_pat_", 27, _ALNUM + "_-"),
    "DigitalOcean": ("dop_v1_", 64, string.hexdigits.lower()[:16]),
    "Vault": ("hvs.", 90, _ALNUM + "_-"),
    "Shopify": ("shpat_", 32, string.hexdigits.lower()[:16]),
    "SendGrid": ("SG.", 60, _ALNUM + "_-"),
    "Grafana": ("glsa_", 40, _ALNUM),
    "Linear": ("lin_api_", 40, _ALNUM),
    "Databricks": ("dapi", 32, string.hexdigits.lower()[:16]),
    "New Relic": ("NRAK-", 27, string.ascii_uppercase + string.digits),
    "Groq": ("gsk_", 52, _ALNUM),
    "Tailscale": ("tskey-auth-", 30, _ALNUM),
    "Twilio": ("SK", 32, string.hexdigits.lower()[:16]),
    "age": ("AGE-SECRET-KEY-1", 58, string.ascii_uppercase + string.digits),
}
"""Head, length and letters of the rest."""

PLACES = [
    'key = "{}"',
    "use({})",
    "# {}",
    "export X={}",
    "'{}',",
    "{}",
    'f("{}", 1)  # x',
    "<a>{}</a>",
    "x: {}",
    "see {}.",
]
"""Where a secret may be pasted."""


def marked(seed: int) -> Iterator[Canary]:
    """Tokens that services mark, each in a place of its own."""
    rng = random.Random(seed)
    for kind, (head, count, letters) in MARKED.items():
        secret = _some(rng, count, letters.replace("-", "").replace("_", ""))
        yield Canary(kind, rng.choice(PLACES).format(head + secret), secret)


def named(seed: int) -> Iterator[Canary]:
    """Secrets told by their names."""
    rng = random.Random(seed)
    for kind, text in NAMED.items():
        secret = _some(rng, rng.randint(20, 40))
        yield Canary(kind, text.replace("§", secret), secret)
    for kind, text in NAMED_PASSWORDS.items():
        secret = rng.choice(["Tr0ub4dor_3", "hunter22", "correct-horse-battery", "zxcvbnmasdf", "P4ssw0rt!x"])
        yield Canary(f"{kind}: {secret}", text.replace("§", secret), secret)


NAMED = {
    "api key": 'API_KEY = "§"',
    "typed": 'api_key: str = "§"',
    "JSON": '  "accessToken": "§",',
    "AWS secret": "aws_secret_access_key = '§'",
    "header": 'headers["X-Api-Key"] = "§"',
    "bearer": 'headers = {"Authorization": "Bearer §"}',
    "curl": 'curl -H "Authorization: Bearer §" https://example.com',
    "default": 'os.environ.get("CLIENT_SECRET", "§")',
    "or": 'const token = process.env.TOKEN || "§";',
    "keyword": 'connect(auth_token="§")',
    "setter": 'setAuthToken("x"); signing_key := `§`',
    "environment": "export AUTH_TOKEN=§",
    "option": "tool --api-key § --verbose",
    "option=": "tool --token=§",
    "Azure": '"DefaultEndpointsProtocol=https;AccountName=x;AccountKey=§;EndpointSuffix=y"',
    "signed address": "https://x.blob.core.windows.net/c?sv=2020&sig=§",
}
NAMED_PASSWORDS = {
    "password": 'password = "§"',
    "spaced": "passwd   =   '§'",
    "camel": '  dbPassword: "§",',
    "comparison": 'if password == "§":',
    "JSON in a string": r'"{\"password\": \"§\"}"',
    "connection": '"Server=db;User Id=sa;Password=§;Encrypt=true"',
    "arrow": "'password' => '§',",
    "shell": "DB_PASSWORD=§",
    "psql": "PGPASSWORD=§ psql -h db",
    "address": 'url = "postgres://me:§@db:5432/x"',
    "amqp": "amqp://guest:§@rabbit/",
    "https": "git clone https://me:§@example.com/x.git",
    "option": "mysql --user me --password § db",
    "triple": 'password = """§"""',
    "unclosed": 'password = "§',
}

CONFIG = {
    "yaml": "password: §",
    "yaml item": "  - token: §a1",
    "ini": "db_password = §",
    "properties": "spring.datasource.password=§",
    "xml": "<password>§</password>",
}


def in_config(seed: int) -> Iterator[Canary]:
    """Secrets without quotes, in languages that need none."""
    rng = random.Random(seed)
    for kind, text in CONFIG.items():
        secret = _some(rng, 14)
        yield Canary(kind, text.replace("§", secret), secret)


def pem(seed: int, kind: str = "RSA PRIVATE KEY", lines: int = 12, last: int = 36) -> str:
    """A block with a body that is random as keys are."""
    rng = random.Random(seed)
    body = base64.b64encode(rng.randbytes(48 * lines + last)).decode()
    wrapped = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {kind}-----", *wrapped, f"-----END {kind}-----"])


def jwt(seed: int) -> str:
    rng = random.Random(seed)
    parts = ['{"alg":"HS256","typ":"JWT"}', f'{{"sub":"{_some(rng, 12)}","iat":1516239022}}']
    encoded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, _some(rng, 43, _ALNUM + "_-")])
