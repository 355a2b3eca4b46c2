"""Is a secret being typed right now? Half of one matches no rule yet, so less is enough to be silent here.

A silence costs nothing: nobody wants a suggestion within a password.
"""

from __future__ import annotations

import re

from fim_lsp.privacy import named_values, service_tokens
from fim_lsp.privacy.randomness import is_hex, is_wordy

_TOKEN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+/=~%$-"
_IN_URL = re.compile(r"://[^\s/:@\"'`<>]*:[^\s@\"'`/{$<%\\][^\s@\"'`/]*\Z")
_IN_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]+-----[^-]*[A-Za-z0-9][^-]*\Z")
_REACH = 400


def rule(line_before: str, *, is_config: bool) -> str:
    """What kind of secret the text before the cursor may be the beginning of; empty: none."""
    near = line_before[-_REACH:]
    run = near[len(near.rstrip(_TOKEN_LETTERS)) :]
    if run:
        if service_tokens.beginnings().search(near, max(0, len(near) - len(run) - 1)):
            return "a token of a service"
        if _seems_random(run):
            return "random text"
    if "-----BEGIN" in line_before and _IN_BLOCK.search(line_before):
        return "PEM block"
    if "://" in near and _IN_URL.search(near):
        return "password in an address"
    name = named_values.unfinished(near, is_config=is_config)
    return f"value of {name}" if name else ""


def _seems_random(run: str) -> bool:
    """Ten characters of it, where finished text needs twenty."""
    token = re.split(r"[^A-Za-z0-9]", run)[-1]
    if len(token) < 10 or is_hex(token) or is_wordy(token):
        return False
    digits = sum(map(str.isdigit, token))
    return digits >= 2 and digits < len(token) - 2 and any(map(str.isupper, token)) and any(map(str.islower, token))
