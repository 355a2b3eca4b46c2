"""Keys and tokens that services mark as theirs, mostly by how they begin.

A table. The group of a pattern is the secret; what stands before it tells a reader (and a model) what it was. All hints
are looked for at once, as one tree of letters, so that text without any costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

_BODY = r"[A-Za-z0-9_-]"


@dataclass(frozen=True, slots=True)
class Token:
    """One kind of secret."""

    service: str
    hints: tuple[str, ...]
    """The pattern begins with one of these, at the start of a word."""
    pattern: str
    begins: str = ""
    """What it surely begins with, as a regular expression: enough to be silent while the rest is being typed."""
    inside: str = ""
    """Instead of hints: what stands somewhere in it."""


def _begins(
    service: str, *heads: str, body: str = _BODY, least: int = 8, is_sure: bool = True, then: str = ""
) -> Token:
    """`then`: what must follow at once to make a head sure that alone is not."""
    any_head = f"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, heads))})"
    begins = f"{any_head}(?={then})" if then else any_head if is_sure else ""
    return Token(service, heads, f"{any_head}({body}{{{least},}})", begins)


def _shaped(service: str, pattern: str, *hints: str, inside: str = "", begins: str = "") -> Token:
    return Token(service, hints, pattern, begins, inside)


_HEX = "[0-9a-fA-F]"
_BASE64 = r"[A-Za-z0-9+/=]"
_DOTTED = r"[A-Za-z0-9_.=-]"
_MIXED = r"(?=[a-z_-]{0,7}[A-Z0-9])"

TOKENS = (
    # Clouds
    _begins(
        "AWS", *(f"A{kind}A" for kind in ("KI", "SI", "RO", "ID", "GP", "NP", "NV", "IP", "BI", "CC")), body="[A-Z0-9]"
    ),
    _begins("AWS session", "IQoJb3JpZ2lu", "FwoGZXIvYXdz", body=_BASE64),
    _begins("Google", "AIza", "GOCSPX-", "ya29.", "1//0"),
    _begins("Azure", "AccountKey=", "SharedAccessKey=", body=_BASE64),
    _shaped("Azure", r"(?<=[?&;])sig=([A-Za-z0-9%+/=]{12,})", "sig", begins="(?<=[?&;])sig="),
    _shaped("Azure", r"(?<![\w.~-])([\w.~-]{3}\dQ~[\w.~-]{20,})", inside="Q~"),
    _begins("Alibaba", "LTAI", least=12),
    _begins("Tencent", "AKID", least=13),
    _begins("Yandex", "AQVN", least=20),
    _begins("DigitalOcean", "dop_v1_", "doo_v1_", "dor_v1_"),
    _begins("Heroku", "HRKU-"),
    _begins("Cloudflare", "v1.0-", body=r"[0-9a-f-]", least=40, is_sure=False),
    _begins("Databricks", "dapi", body=_HEX, least=16, then=f"{_HEX}{{4}}"),
    _begins("Fly.io", "FlyV1 ", "fm1r_", "fm2_", "fo1_", body=_DOTTED, least=16),
    _begins("Supabase", "sbp_", "sba_", "sb_secret_"),
    _begins("PlanetScale", "pscale_tkn_", "pscale_oauth_", "pscale_pw_", body=_DOTTED),
    _begins("Netlify", "nfp_"),
    _begins("Render", "rnd_", least=16),
    _begins("Vercel", "vcp_", "vci_", "vca_", "vcr_", "vck_", least=16),
    # Code and packages
    _begins("GitHub", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    _begins(
        "GitLab",
        "glpat-",
        "gldt-",
        "gloas-",
        "glrt-",
        "glrtr-",
        "glcbt-",
        "glptt-",
        "glft-",
        "glimt-",
        "glagent-",
        "glsoat-",
    ),
    _begins("GitLab", "GR1348941"),
    _begins("Atlassian", "ATATT3", "ATCTT3", "ATBB", body=_DOTTED),
    _begins("npm", "npm_", least=16),
    _begins("PyPI", "pypi-", least=16, then=_MIXED),
    _begins("RubyGems", "rubygems_"),
    _begins("crates.io", "cio", body="[A-Za-z0-9]", least=28, is_sure=False),
    _begins("NuGet", "oy2", body="[a-z0-9]", least=38, is_sure=False),
    _begins("Docker", "dckr_pat_", "dckr_oat_"),
    _begins("Artifactory", "AKCp", "cmVmdGtuO", least=40, is_sure=False),
    _begins("CircleCI", "CCIPAT_", "CCIPRJ_"),
    _begins("Buildkite", "bkua_", "bkct_"),
    _begins("SonarQube", "sqp_", "squ_", "sqa_"),
    _begins("Sourcegraph", "sgp_", "slk_"),
    _begins("Postman", "PMAK-"),
    _shaped("Terraform", r"(?<=[A-Za-z0-9]{14}\.)atlasv1\.([A-Za-z0-9_=-]{16,})", "atlasv1"),
    _begins("Vault", "hvs.", "hvb.", "hvr.", body=_DOTTED, least=12),
    _begins("Doppler", "dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."),
    _begins("Pulumi", "pul-", body="[0-9a-f]", least=16),
    _begins("Tailscale", "tskey-"),
    _begins("1Password", "ops_eyJ", body=_DOTTED),
    _begins("age", "AGE-SECRET-KEY-1"),
    # Models
    _begins("Anthropic", "sk-ant-"),
    _begins("OpenAI", "sk-proj-", "sk-svcacct-", "sk-admin-", "sess-", least=12),
    _begins("OpenRouter", "sk-or-"),
    _shaped(
        "an AI service",
        r"(?<![A-Za-z0-9])sk-((?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,})",
        "sk-",
        begins=rf"(?<![A-Za-z0-9])sk-{_MIXED}",
    ),
    _begins("Hugging Face", "hf_", "api_org_", body="[A-Za-z0-9]", least=16),
    _begins("Replicate", "r8_", least=16),
    _begins("Groq", "gsk_", least=16),
    _begins("xAI", "xai-", least=16),
    _begins("Perplexity", "pplx-", least=16),
    _begins("NVIDIA", "nvapi-", least=16),
    _begins("Fireworks", "fw_", body="[A-Za-z0-9]", least=20, is_sure=False),
    # Messages and mail
    _begins("Slack", *(f"xox{kind}-" for kind in "abeoprs"), "xoxe.xoxb-", "xoxe.xoxp-", "xapp-"),
    _shaped("Slack", r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/-]{12,})", "hooks.slack.com/"),
    _shaped("Discord", r"api/webhooks/\d+/([\w-]{16,})", "api/webhooks/"),
    _shaped("Discord", r"(?<![\w-])([MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,})", "M", "N", "O"),
    _shaped("Telegram", r"(?<!\d)\d{8,10}:(AA[\w-]{20,})", inside=":AA"),
    _shaped("Teams", r"webhook\.office\.com/webhookb2/([\w@/-]{20,})", "webhook.office.com"),
    _begins("SendGrid", "SG.", body=_DOTTED, least=20),
    _begins("Mailgun", "key-", "pubkey-", body="[0-9a-f]", least=20, then="[0-9a-f]{6}"),
    _shaped("Mailchimp", r"(?<![0-9A-Za-z])([0-9a-f]{32})-us\d", inside="-us"),
    _begins("Twilio", "SK", "AC", body="[0-9a-f]", least=16, then="[0-9a-f]{5}"),
    _begins("Brevo", "xkeysib-", "xsmtpsib-"),
    # Money and shops
    _begins("Stripe", *(f"{kind}k_{mode}_" for kind in "srp" for mode in ("live", "test", "prod")), "whsec_"),
    _begins("Razorpay", "rzp_live_", "rzp_test_"),
    _begins("Square", "sq0atp-", "sq0csp-", "sq0idp-"),
    _begins("Shopify", "shpat_", "shpca_", "shppa_", "shpss_"),
    _begins("Shippo", "shippo_live_", "shippo_test_"),
    _begins("PayPal", "access_token$production$", "access_token$sandbox$"),
    # Everything else
    _begins("Grafana", "glc_", "glsa_", body=r"[A-Za-z0-9+/=_]", least=16),
    _begins("New Relic", "NRAK-", "NRII-", "NRJS-", "NRRA-"),
    _begins("Sentry", "sntrys_", "sntryu_", body=r"[A-Za-z0-9+/=_-]"),
    _begins("Dynatrace", "dt0c01.", "dt0s01.", body=_DOTTED),
    _begins("Linear", "lin_api_", "lin_oauth_"),
    _begins("Notion", "ntn_", least=16),
    _begins("Figma", "figd_", "figu_"),
    _shaped("Airtable", r"(?<![A-Za-z0-9])(pat[A-Za-z0-9]{14}\.[0-9a-f]{32,})", "pat"),
    _begins("Facebook", "EAACEdEose0cBA", "EAAG", "EAAB", body="[A-Za-z0-9]", least=30, is_sure=False),
    _begins("Dropbox", "sl.", least=60, is_sure=False),
    _begins("Typeform", "tfp_", least=16),
    _begins("Contentful", "CFPAT-"),
    _begins("PostHog", "phx_", least=16),
    # Kinds of keys rather than services
    _shaped("JSON web token", r"(?<![A-Za-z0-9])(eyJ[\w-]{8,}(?:\.[\w-]*){1,4})", "eyJ"),
    _begins("a key in base64", "LS0tLS1CRUdJTi", body=_BASE64),
    _shaped("a key in base64", r"(?<![A-Za-z0-9+/])(MII[A-Za-z0-9+/]{32,}={0,2})", "MII"),
)


@cache
def beginnings() -> re.Pattern[str]:
    """What no ordinary word begins with."""
    return re.compile("|".join([*(token.begins for token in TOKENS if token.begins), r"(?<![A-Za-z0-9])eyJ(?=[\w-])"]))


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and service of every marked secret."""
    for hint in _hints().finditer(text):
        for token in _with_hint(hint[0]):
            found = _compiled(token.pattern).match(text, hint.start())
            if found:
                yield found.start(1), found.end(1), token.service
    for token in _BY_INSIDE:
        if token.inside in text:
            for found in _compiled(token.pattern).finditer(text):
                yield found.start(1), found.end(1), token.service


def _tree(words: Iterable[str]) -> str:
    """A regular expression for any of the words; of words that begin alike the shortest."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(words):
        by_first.setdefault(word[0], []).append(word[1:])
    branches = [re.escape(first) + ("" if "" in rests else _tree(rests)) for first, rests in by_first.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


_BY_INSIDE = [token for token in TOKENS if token.inside]
_compiled = cache(re.compile)
"""Compiling all rules takes longer than starting the rest of the server; most are never needed."""


@cache
def _hints() -> re.Pattern[str]:
    return re.compile(r"\b" + _tree({hint for token in TOKENS for hint in token.hints}))


@cache
def _with_hint(hint: str) -> list[Token]:
    return [token for token in TOKENS if any(longer.startswith(hint) for longer in token.hints)]
