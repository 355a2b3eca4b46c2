"""Evidence to probabilities.

`interpolate` needs no constants: each way of being alike, from the vaguest to the closest, takes a share of the
probability that grows with how often and how uniformly it was followed (Witten and Bell's estimate).
What no channel claims stays with the unknown, and so a guess made from little is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fim_lsp.lookup.evidence import CHANNELS, Counts

_UNKNOWN_PER_KEY = 0.3
"""Each key of a word that is typed makes it less likely that it is a word never seen."""


def interpolate(evidence: Mapping[str, Counts], allows: Callable[[str], bool], typed: str) -> dict[str, float]:
    """The probability of each symbol that `allows` lets stand."""
    allowed: dict[str, bool] = {}
    shares: dict[str, float] = {}
    unknown = 1.0
    for channel in CHANNELS:
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
