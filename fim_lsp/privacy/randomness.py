"""Is this a word or a key? Words are made of few pairs of letters, random text of all of them.

The 150 commonest pairs make up more than 55 % of nearly every identifier, and less of 98 in 100 random tokens of 20
characters. Figures and the mix of cases alone cannot tell `getUserById2` from `k9XwQ2vLmB7t`.
"""

from __future__ import annotations

import re
from itertools import pairwise

_COMMON_PAIRS = frozenset(
    """
    ab ac ad ag ai al am an ap ar as at ba be bl bu ca ce ch ck cl co cr ct da de di do ea ec ed ee ef el em en ep
    er es et ev ex fa ff fi fo ge ha he hi ho ic id ie ig il im in io ip ir is it ke la ld le li ll lo ls lt lu ly
    ma me mi mo mp na nc nd ne ng ni no ns nt oc od ol om on op or os ot ou ow pa pe pi pl po pp pr pt qu ra re ri
    rm rn ro rr rs rt ru ry sa se sh si so sp ss st su ta te th ti to tr ts tt tu ty ue ul um un up ur us ut va ve
    wa wi
    """.split()  # noqa: SIM905 (150 quoted pairs are no easier to read)
)
_DIGIT, _SMALL, _CAPITAL = re.compile("[0-9]"), re.compile("[a-z]"), re.compile("[A-Z]")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F-]+")


def is_wordy(token: str) -> bool:
    """Whether the letters of a token read like words. Of too few letters to tell: no."""
    return _share_of_common_pairs(token) > 0.55


def _holds_word(token: str) -> bool:
    """Whether a good part of it is a word beyond doubt: `test_bug_xqzkitX1`."""
    words = [part for part in re.findall(r"[A-Z]?[a-z]{3,}", token) if _share_of_common_pairs(part) >= 0.75]
    return sum(map(len, words)) >= 0.2 * len(token)


def _share_of_common_pairs(token: str) -> float:
    pairs = [token[i : i + 2].lower() for i in range(len(token) - 1) if token[i : i + 2].isalpha()]
    return sum(pair in _COMMON_PAIRS for pair in pairs) / len(pairs) if len(pairs) >= 3 else 0


def is_hex(token: str) -> bool:
    """Hashes, UUIDs, numbers."""
    return _HEX.fullmatch(token) is not None


def looks_random(token: str, least: int = 20) -> bool:
    """Whether a token that nothing is known about is most likely a key. Hashes and UUIDs are not."""
    token = token.rstrip("=")
    if len(token) < least or is_hex(token) or not _is_mixed(token, least):
        return False
    return not is_wordy(token) and not _holds_word(token) and _changes(token) >= 0.25 * len(token)


def _is_mixed(token: str, least: int) -> bool:
    """Capital, small letters and figures; or of the latter two so many that no name has them so mixed."""
    if not (_DIGIT.search(token) and _SMALL.search(token)):
        return False
    return len(token) >= 1.2 * least or _CAPITAL.search(token) is not None


def _changes(token: str) -> int:
    """How often one kind of character follows another: `abcABC012` twice."""
    kinds = [0 if char.isdigit() else 1 if char.islower() else 2 if char.isupper() else 3 for char in token]
    return sum(one != other for one, other in pairwise(kinds))
