"""From what happened to what it means: the figures of a set of sessions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from math import inf

from fim_lsp.replay.record import Record, Stream

PRICE_IN, PRICE_OUT, PRICE_CACHED = 0.3, 0.9, 0.03
"""Dollars for a million tokens, as Codestral is sold."""
INSTANT_MS = 5.0


@dataclass(frozen=True, slots=True)
class Delay:
    """A distribution of waiting times in ms; those who waited in vain count as infinite."""

    p50: float
    p90: float
    never: float
    """Share."""
    count: int

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Delay:
        all_values = sorted(inf if value is None else value for value in values)
        never = sum(value == inf for value in all_values)
        share = _per(never, len(all_values)) or 0.0
        return cls(quantile(all_values, 0.5), quantile(all_values, 0.9), share, len(all_values))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was felt and what it cost. Shares are between 0 and 1; infinite means never, None a share of nothing."""

    ghost: Delay
    """From the last key to a suggestion, at pauses of 400 ms and more."""
    right_ghost: Delay
    after_accept: Delay
    answered_instantly: float | None
    right: float | None
    keystrokes_saved: float | None
    """1 - everything pressed ÷ characters produced. An indent that the editor writes counts as saved, for all alike."""
    requests_per_100: float | None
    """Upstream requests for 100 characters produced."""
    tokens_per_accepted: float | None
    """Tokens generated for a character accepted."""
    cents_per_10k: float | None
    """US cents for 10,000 characters accepted."""
    prompt_reuse: float | None
    """Share of prompt tokens that the service had read before."""
    wasted_s_per_minute: float | None
    flickers_per_minute: float | None
    wrong_items: int
    foreign_items: int
    unanswered: int
    errors: int
    cpu_ms_per_key: float | None
    asked: int
    streams: int
    produced: int
    accepted: int
    typed: int
    minutes: float
    differs: int


def summarise(records: Sequence[Record]) -> Figures:
    """All sessions as if they were one."""
    rests = [rest for record in records for rest in record.rests]
    keys = [rest for rest in rests if rest.after == "key"]
    asked = [asked for record in records for asked in record.asked]
    streams = [stream for record in records for stream in record.streams]
    looks = [look for record in records for look in record.looks]
    produced = sum(record.produced for record in records)
    accepted = sum(record.accepted for record in records)
    minutes = sum(record.seconds for record in records) / 60
    return Figures(
        ghost=Delay.of(rest.ghost_ms for rest in keys),
        right_ghost=Delay.of(rest.right_ms for rest in keys),
        after_accept=Delay.of(rest.ghost_ms for rest in rests if rest.after == "accept"),
        answered_instantly=_per(sum(_instantly(one.at_ms, one.answered_ms, one.outcome) for one in asked), len(asked)),
        right=_per(sum(look.right for look in looks), len(looks)),
        keystrokes_saved=_per(produced - sum(record.keys for record in records), produced),
        requests_per_100=_per(len(streams) * 100, produced),
        tokens_per_accepted=_per(sum(stream.generated_tokens for stream in streams), accepted),
        cents_per_10k=_per(cents(streams) * 10_000, accepted),
        prompt_reuse=_per(
            sum(stream.cached_tokens for stream in streams), sum(stream.prompt_tokens for stream in streams)
        ),
        wasted_s_per_minute=_per(sum(map(_wasted_s, streams)), minutes),
        flickers_per_minute=_per(sum(record.flickers for record in records), minutes),
        wrong_items=sum(one.fault not in ("", FOREIGN) for one in asked),
        foreign_items=sum(one.fault == FOREIGN for one in asked),
        unanswered=sum(one.outcome == "none" for one in asked),
        errors=sum(one.outcome == "error" for one in asked),
        cpu_ms_per_key=_cpu(records),
        asked=len(asked),
        streams=len(streams),
        produced=produced,
        accepted=accepted,
        typed=sum(record.typed for record in records),
        minutes=minutes,
        differs=sum(len(record.differs) for record in records),
    )


FOREIGN = "it is for another text"


def cents(streams: Iterable[Stream]) -> float:
    dollars = sum(
        (stream.prompt_tokens - stream.cached_tokens) * PRICE_IN
        + stream.cached_tokens * PRICE_CACHED
        + stream.generated_tokens * PRICE_OUT
        for stream in streams
    )
    return dollars / 1e6 * 100


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def flat(figures: Figures) -> dict[str, float | int | None]:
    """For JSON: `ghost_p50_ms` and so on; infinite is None, too."""
    values: dict[str, float | int | None] = {}
    for field in fields(figures):
        value = getattr(figures, field.name)
        if isinstance(value, Delay):
            values |= {
                f"{field.name}_p50_ms": _finite(value.p50),
                f"{field.name}_p90_ms": _finite(value.p90),
                f"{field.name}_never": value.never,
            }
        else:
            values[field.name] = value
    return values


def _instantly(at_ms: float, answered_ms: float | None, outcome: str) -> bool:
    return outcome == "item" and answered_ms is not None and answered_ms - at_ms <= INSTANT_MS


def _wasted_s(stream: Stream) -> float:
    if stream.departed_ms is None or stream.ended_ms is None:
        return 0.0
    return max(0.0, stream.ended_ms - stream.departed_ms) / 1000


def _cpu(records: Sequence[Record]) -> float | None:
    return _per(sum(record.cpu_ms or 0.0 for record in records), sum(record.cpu_keys for record in records))


def _finite(value: float) -> float | None:
    return None if value == inf else value


def _per(part: float, whole: float) -> float | None:
    return part / whole if whole else None
