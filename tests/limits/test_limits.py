"""The rules over one account's record, as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp import errors, limits
from fim_lsp.limits import Account, Policy, Today, Wait
from fim_lsp.reasons import Reason

HOUR_S = 3600.0
TODAY = Today("2026-03-02", ends_at=24 * HOUR_S)


def wait(account: Account, now: float = 0.0, policy: Policy | None = None, *, invoked: bool = False) -> Wait | None:
    return limits.admit(account, policy or Policy(), now, TODAY, invoked=invoked)


def after(error: errors.ProviderError, times: int = 1, now: float = 0.0) -> Account:
    account = Account(date=TODAY.date)
    for _ in range(times):
        limits.note_failure(account, error, now, random=1.0)
    return account


@pytest.mark.parametrize(
    ("error", "automatic_waits_s", "invoked_waits_s"),
    [
        (errors.RateLimited("", retry_after_s=10), 10, 10),
        (errors.RateLimited("", retry_after_s=0.5), 0.5, 0.5),
        (errors.RateLimited(""), 1, 1),
        (errors.Overloaded("", status=503), 1, 0),
        (errors.Overloaded("", retry_after_s=30), 30, 0),
        (errors.TimedOut(""), 1, 0),
        (errors.Broken(""), 1, 0),
        (errors.Unreachable(""), 1, 0),
        (errors.BadRequest(""), 1, 0),
        (errors.TooLong(""), 0, 0),
    ],
    ids=repr,
)
def test_the_wait_after_one_failure(
    error: errors.ProviderError, automatic_waits_s: float, invoked_waits_s: float
) -> None:
    account = after(error)
    assert seconds(wait(account)) == automatic_waits_s
    assert seconds(wait(account, invoked=True)) == invoked_waits_s


def seconds(wait: Wait | None) -> float:
    return wait.seconds if wait else 0


@given(failures=st.integers(1, 10_000), random=st.floats(0, 1, exclude_max=True))
def test_backoff_starts_within_2_s_and_never_exceeds_10(failures: int, random: float) -> None:
    assert limits.backoff_s(1, random) <= 2
    assert 0 < limits.backoff_s(failures, random) <= 10


def test_backoff_grows_and_success_ends_it() -> None:
    account = Account()
    waits = []
    for _ in range(6):
        now = account.until
        limits.note_failure(account, errors.Broken(""), now, random=1.0)
        waits.append(account.until - now)
    assert waits == [1, 2, 4, 8, 10, 10]
    limits.note_success(account, account.until)
    limits.note_failure(account, errors.Broken(""), account.until, random=1.0)
    assert account.until - account.since == 1


@pytest.mark.parametrize(
    ("error", "waits_s"),
    [
        (errors.Overloaded("", status=503), 0),
        (errors.Overloaded("", status=503, retry_after_s=3600), 0),
        (errors.TimedOut(""), 0),
        (errors.RateLimited("", retry_after_s=3600), 3595),
    ],
    ids=repr,
)
def test_a_request_that_gets_through_ends_the_wait_after_a_fault(error: errors.ProviderError, waits_s: float) -> None:
    account = after(error)
    limits.note_success(account, sent_at=4.0)
    assert seconds(wait(account, 5.0)) == waits_s
    assert account.failures == 0


def test_what_was_sent_before_the_fault_proves_nothing() -> None:
    account = after(errors.Overloaded("", retry_after_s=30), now=10.0)
    limits.note_success(account, sent_at=9.0)
    assert seconds(wait(account, 11.0)) == 29
    assert account.failures == 1


def test_a_success_does_not_add_to_what_the_service_says_is_left() -> None:
    account = after(errors.Broken(""))
    limits.note_headers(account, {"x-ratelimit-remaining-tokens-month": "0"}, 0.5)
    limits.note_success(account, sent_at=0.5)
    assert seconds(wait(account, 1.0)) == 3599.5


def test_a_shorter_wait_does_not_shorten_a_firm_one() -> None:
    account = after(errors.RateLimited("", retry_after_s=10))
    limits.note_failure(account, errors.Broken(""), 9.5, random=1.0)
    assert seconds(wait(account, 9.6, invoked=True)) == pytest.approx(0.4)


def test_a_clock_set_back_makes_nobody_wait() -> None:
    account = after(errors.RateLimited("", retry_after_s=10), now=1000.0)
    assert wait(account, now=5.0) is None


def test_requests_per_minute() -> None:
    account, policy = Account(), Policy(requests_per_minute=3)
    went_out = []
    for now in range(0, 130, 5):
        if wait(account, float(now), policy) is None:
            limits.note_request(account, policy, float(now))
            went_out.append(now)
    assert went_out == [0, 5, 10, 60, 65, 70, 120, 125]


@given(st.lists(st.floats(0.0, 20.0), max_size=200), st.integers(1, 20))
def test_no_minute_has_more_requests_than_allowed(gaps_s: list[float], most: int) -> None:
    account, policy, now, went_out = Account(), Policy(requests_per_minute=most), 0.0, []
    for gap_s in gaps_s:
        now += gap_s
        if wait(account, now, policy) is None:
            limits.note_request(account, policy, now)
            went_out.append(now)
    for start in went_out:
        assert sum(start <= at < start + 60 for at in went_out) <= most


@pytest.mark.parametrize(
    ("hours", "tokens", "invoked", "goes_out"),
    [
        (0, 0, False, True),
        (0, 1_000, False, True),
        (0, 1_300, False, False),  # the first eighth is spent
        (0, 1_300, True, True),
        (4, 5_600, False, True),  # half of the working day, half of what was held back
        (4, 5_700, False, False),
        (8, 9_999, False, True),
        (8, 10_000, False, False),
        (8, 10_000, True, False),
    ],
)
def test_a_days_budget_is_spread_over_the_day(hours: float, tokens: int, invoked: bool, goes_out: bool) -> None:
    policy, account = Policy(tokens_per_day=10_000), Account(date=TODAY.date, tokens=tokens)
    found = wait(account, hours * HOUR_S, policy, invoked=invoked)
    assert (found is None) == goes_out
    assert goes_out or (found is not None and found.reason is Reason.BUDGET)


def test_money_counts_by_its_prices() -> None:
    policy = Policy(money_per_day=0.01, price_in=0.3, price_out=0.9)
    account = Account(date=TODAY.date)
    limits.note_spending(account, policy, 30_000, 0)
    limits.note_spending(account, policy, 0, 2_000)
    assert account.money == pytest.approx(0.0108)
    assert wait(account, 8 * HOUR_S, policy, invoked=True) == Wait(Reason.BUDGET, 16 * HOUR_S)


def test_a_new_day_has_a_new_budget() -> None:
    policy, account = Policy(tokens_per_day=100), Account(date="2026-03-01", tokens=100)
    assert wait(account, 0.0, policy) is None


@pytest.mark.parametrize(
    ("headers", "waits_s", "reason"),
    [
        ({}, 0, None),
        ({"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "7"}, 0, None),
        ({"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "0"}, 1, Reason.RATE_LIMITED),
        (
            {
                "x-ratelimit-limit-tokens-minute": "50000",
                "x-ratelimit-remaining-tokens-minute": "900",
                "x-ratelimit-tokens-query-cost": "2000",
            },
            2.4,
            Reason.RATE_LIMITED,
        ),
        ({"x-ratelimit-remaining-tokens-month": "0"}, 3600, Reason.BUDGET),
        ({"x-ratelimit-limit-req-minute": "many", "x-ratelimit-remaining-req-minute": "none"}, 0, None),
    ],
)
def test_slows_down_before_the_service_refuses(headers: dict[str, str], waits_s: float, reason: Reason | None) -> None:
    account = Account()
    limits.note_headers(account, headers, 0.0)
    found = wait(account)
    assert seconds(found) == pytest.approx(waits_s)
    assert (found.reason if found else None) == reason
    assert wait(account, invoked=True) is None
