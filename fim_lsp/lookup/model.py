"""Evidence to probabilities.

`probabilities` weighs every signal with constants fitted on other code (`weights`), so that what it says is right
about as often as it says. `interpolate` needs no constants: each way of being alike, from the vaguest to the closest,
takes a share of the probability that grows with how often and how uniformly it was followed (Witten and Bell's
estimate), and what none of them claims stays with the unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp

from fim_lsp.lookup.evidence import ORDERS
from fim_lsp.lookup.index import DEPTH, Counts
from fim_lsp.lookup.signals import BUCKETS, SIGNALS, Case
from fim_lsp.lookup.weights import WEIGHTS

_NESTED = (
    *(f"{place} {order}" for order in ORDERS for place in ("project", "open", "file")),
    f"project {DEPTH}",
    "line",
)
"""From the vaguest context to the closest, and of each the farthest places first."""
_UNKNOWN_PER_KEY = 0.3
"""Each key of a word that is typed makes it less likely that it is a word never seen."""


FITTED = bool(WEIGHTS)
_WEIGHTS = [
    [WEIGHTS.get(signal, (0.0,) * len(BUCKETS))[bucket] for signal in SIGNALS] for bucket in range(len(BUCKETS))
]


def probabilities(case: Case, bucket: int) -> dict[str, float]:
    """The probability of each candidate; they sum to 1, `UNKNOWN` among them."""
    scores = case.scores(_WEIGHTS[bucket])
    most = max(scores.values())
    odds = {symbol: exp(score - most) for symbol, score in scores.items()}
    whole = sum(odds.values())
    return {symbol: odd / whole for symbol, odd in odds.items()}


def interpolate(evidence: Mapping[str, Counts], allows: Callable[[str], bool], typed: str) -> dict[str, float]:
    """The probability of each symbol that `allows` lets stand."""
    allowed: dict[str, bool] = {}
    shares: dict[str, float] = {}
    unknown = 1.0
    for channel in _NESTED:
        counts = evidence.get(channel)
        if not counts:
            continue
        kept = {}
        for symbol, count in counts.items():
            if symbol not in allowed:
                allowed[symbol] = allows(symbol)
            if allowed[symbol]:
                kept[symbol] = count
        if not kept:
            continue
        total = sum(kept.values())
        trust = total / (total + len(kept))
        for symbol in shares:
            shares[symbol] *= 1 - trust
        for symbol, count in kept.items():
            shares[symbol] = shares.get(symbol, 0.0) + trust * count / total
        unknown *= 1 - trust
    unknown *= _UNKNOWN_PER_KEY ** len(typed.strip())
    whole = sum(shares.values()) + unknown
    return {symbol: share / whole for symbol, share in shares.items()}
