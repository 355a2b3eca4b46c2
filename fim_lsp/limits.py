"""What may be asked now: rules over one account's record, without clock, file or network.

An account is a key at a service. Its record is shared by all of the user's processes (`ledger` does that), since the
service counts them as one. Times are seconds since the epoch, for the same reason.

A wait after a refusal for being too many is firm. A wait that is only our own caution never holds up someone who asked
by hand; one after a fault, also where the service had named a time, ends as soon as a request gets through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from fim_lsp import errors
from fim_lsp.reasons import Reason

MINUTE_S = 60.0
SKEW_S = 60.0
"""Another process may have written what is a little later than our now; what is later than this, another clock has."""
FIRST_BACKOFF_S = 1.0
MOST_BACKOFF_S = 10.0
MOST_WAIT_S = 24 * 3600.0
WORKDAY_S = 8 * 3600.0
"""A day's budget is released evenly over so many hours from the day's first request, …"""
FIRST_SHARE = 1 / 8
"""… of which this part is there at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The user's own limits for one provider; 0 means none."""

    requests_per_minute: int = 0
    tokens_per_day: int = 0
    money_per_day: float = 0.0
    price_in: float = 0.0
    """Per million tokens, as is `price_out`."""
    price_out: float = 0.0

    @property
    def limits_anything(self) -> bool:
        return bool(self.requests_per_minute or self.tokens_per_day or self.money_per_day)

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        return (prompt_tokens * self.price_in + completion_tokens * self.price_out) / 1e6


@dataclass(frozen=True, slots=True)
class Today:
    """The user's calendar day."""

    date: str
    ends_at: float


@dataclass(frozen=True, slots=True)
class Wait:
    """No request before so many seconds have passed."""

    reason: Reason
    seconds: float
    cause: str = ""
    """The cause of the error that led to it, where one did."""


class Account(msgspec.Struct, omit_defaults=True):
    """The record of one account."""

    failures: int = 0
    """How many requests failed one after another."""
    since: float = 0.0
    until: float = 0.0
    """No request before this, unless it is not firm and the user asks by hand."""
    firm: bool = False
    reason: Reason = Reason.BACKING_OFF
    cause: str = ""
    requests: list[float] = []
    """When requests went out in the last minute; kept only where requests per minute are limited."""
    date: str = ""
    day_began: float = 0.0
    """The first request of that date."""
    tokens: int = 0
    money: float = 0.0


def admit(account: Account, policy: Policy, now: float, today: Today, *, invoked: bool) -> Wait | None:
    """None if a request may go out now."""
    turn_page(account, now, today)
    return (
        _asked_to_wait(account, now, invoked)
        or _too_many_requests(account, policy, now)
        or _budget_spent(account, policy, now, today, invoked)
    )


def note_request(account: Account, policy: Policy, now: float) -> None:
    if policy.requests_per_minute:
        account.requests = [*_recent(account, now), now]


def note_spending(account: Account, policy: Policy, prompt_tokens: int, completion_tokens: int) -> None:
    """May be negative, where an estimate turns out to have been too high."""
    account.tokens = max(0, account.tokens + prompt_tokens + completion_tokens)
    account.money = max(0.0, account.money + policy.cost(prompt_tokens, completion_tokens))


def note_success(account: Account, sent_at: float) -> None:
    """Nothing is proved by a request that went out before the last fault."""
    if sent_at < account.since:
        return
    account.failures = 0
    if account.reason is Reason.BACKING_OFF and not account.firm:
        account.until = 0.0


def note_failure(account: Account, error: errors.ProviderError, now: float, random: float) -> None:
    """`random` is in [0, 1): many clients that failed together must not come back together."""
    if not isinstance(error, errors.TemporaryError) and type(error) is not errors.BadRequest:
        return
    account.failures += 1
    limited = isinstance(error, errors.RateLimited)
    asked_s = error.retry_after_s
    wait_s = backoff_s(account.failures, random) if asked_s is None else min(asked_s, MOST_WAIT_S)
    _wait(account, now, wait_s, firm=limited, reason=error.reason if limited else Reason.BACKING_OFF, cause=error.cause)


def note_headers(account: Account, headers: Mapping[str, str], now: float) -> None:
    """Slow down before the service has to refuse: by its own count of what is left in this minute or month."""
    for limit in LIMIT_HEADERS:
        most, left = _number(headers, limit.most), _number(headers, limit.left)
        if left is None or left >= max(1.0, _number(headers, limit.cost) or 0.0):
            continue
        wait_s = limit.period_s if not most else limit.period_s * max(1.0, _number(headers, limit.cost) or 1.0) / most
        _wait(account, now, min(wait_s, limit.period_s), firm=False, reason=limit.reason, cause="rate-limited")


@dataclass(frozen=True, slots=True)
class LimitHeader:
    """Names of the headers that say how much there is, how much is left, and what one request takes of it."""

    most: str
    left: str
    cost: str
    period_s: float
    reason: Reason = Reason.RATE_LIMITED


def _mistral(what: str, cost: str, period: str, period_s: float) -> LimitHeader:
    limit, remaining = (f"x-ratelimit-{part}-{what}-{period}" for part in ("limit", "remaining"))
    return LimitHeader(limit, remaining, cost, period_s)


LIMIT_HEADERS = (
    _mistral("req", "", "minute", MINUTE_S),
    _mistral("tokens", "x-ratelimit-tokens-query-cost", "minute", MINUTE_S),
    _mistral("tokens", "x-ratelimit-tokens-query-cost", "5-minute", 5 * MINUTE_S),
    LimitHeader("", "x-ratelimit-remaining-tokens-month", "x-ratelimit-tokens-query-cost", 3600.0, Reason.BUDGET),
    LimitHeader("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "", MINUTE_S),
    LimitHeader("x-ratelimit-limit", "x-ratelimit-remaining", "", MINUTE_S),
)


def backoff_s(failures: int, random: float) -> float:
    """About 1, 2, 4, 8, 10, 10 … seconds; never more than 10."""
    longest = min(MOST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** min(failures - 1, 10))
    return longest * (0.7 + 0.3 * random)


def clear(account: Account) -> None:
    """Forget failures and waits, not what was spent."""
    account.failures, account.since, account.until, account.firm = 0, 0.0, 0.0, False


def turn_page(account: Account, now: float, today: Today) -> None:
    """A new day has a new budget. A clock that was set back must not make anyone wait for it to catch up."""
    if account.date != today.date or now < account.day_began - SKEW_S:
        account.date, account.day_began, account.tokens, account.money = today.date, now, 0, 0.0
    if now < account.since - SKEW_S:
        clear(account)


def _wait(account: Account, now: float, seconds: float, *, firm: bool, reason: Reason, cause: str) -> None:
    """The longer wait holds; but a firm one is not given up for a longer one that is not."""
    if now + seconds <= account.until or (account.firm and not firm and now < account.until):
        return
    account.since, account.until, account.firm = now, now + seconds, firm
    account.reason, account.cause = reason, cause


def _asked_to_wait(account: Account, now: float, invoked: bool) -> Wait | None:
    if now >= account.until or (invoked and not account.firm):
        return None
    return Wait(account.reason, account.until - now, account.cause)


def _too_many_requests(account: Account, policy: Policy, now: float) -> Wait | None:
    recent = _recent(account, now)
    if not policy.requests_per_minute or len(recent) < policy.requests_per_minute:
        return None
    return Wait(Reason.RATE_LIMITED, recent[-policy.requests_per_minute] + MINUTE_S - now)


def _budget_spent(account: Account, policy: Policy, now: float, today: Today, invoked: bool) -> Wait | None:
    """Unasked, only what has been released so far may be spent; by hand, all of the day's."""
    spent = max(
        account.tokens / policy.tokens_per_day if policy.tokens_per_day else 0.0,
        account.money / policy.money_per_day if policy.money_per_day else 0.0,
    )
    if spent >= 1:
        return Wait(Reason.BUDGET, max(1.0, today.ends_at - now))
    released_s = (spent - FIRST_SHARE) / (1 - FIRST_SHARE) * WORKDAY_S
    wait_s = account.day_began + released_s - now
    return None if invoked or wait_s <= 0 else Wait(Reason.BUDGET, wait_s)


def _recent(account: Account, now: float) -> list[float]:
    return sorted(at for at in account.requests if now - MINUTE_S < at <= now + SKEW_S)


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return float(headers[name]) if name else None
    except (KeyError, ValueError):
        return None
