"""What can go wrong between the engine and a provider, as one tree.

Foreign errors (sockets, TLS, HTTP, JSON) become one of these in `transport` and `providers`, and none of these passes
the language server: the user sees no suggestion, one message per cause, and a reason that can be asked for.
"""

from __future__ import annotations

import re
import traceback

from fim_lsp.reasons import Reason

QUOTED = re.compile(r":? “.*”", re.DOTALL)
"""A service's own words, as messages have them."""


class ProviderError(Exception):
    """A provider gave no answer.

    `cause` is a stable word for "once per cause per session", `reason` is what `why` says; `message` is one sentence
    for the user that ends with the next step, and never holds a key, a prompt or more than 200 redacted characters of
    an answer.
    """

    cause = "error"
    reason = Reason.PROVIDER_ERROR
    sent = True
    """Whether a request went out."""

    def __init__(self, message: str, *, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def own_words(self) -> str:
        """The message without those of the service, which may repeat the code that was sent."""
        return QUOTED.sub("", self.message)


class ConfigurationError(ProviderError):
    """Asking again is useless until the user changes something: no request goes out before that."""

    cause = "configuration"
    reason = Reason.CONFIGURATION


class KeyMissing(ConfigurationError):
    cause = "key-missing"
    reason = Reason.KEY_MISSING


class KeyRefused(ConfigurationError):
    """401 or 403."""

    cause = "auth"
    reason = Reason.AUTH


class NotFound(ConfigurationError):
    """404: no such model or path."""

    cause = "not-found"


class NoInfill(ConfigurationError):
    """The model cannot fill in the middle."""

    cause = "no-infill"


class Insecure(ConfigurationError):
    """Plain http beyond loopback without `allow_http`, or a redirect to another origin; nothing was sent."""

    cause = "insecure"


class BadRequest(ProviderError):
    """400 or 422: the service did not take the request as it stands."""

    cause = "bad-request"


class TooLong(BadRequest):
    """The prompt is longer than the model's context."""

    cause = "too-long"


class TemporaryError(ProviderError):
    """Asking again later may help."""

    cause = "temporary"


class RateLimited(TemporaryError):
    """429 for this user."""

    cause = "rate-limited"
    reason = Reason.RATE_LIMITED


class BudgetSpent(TemporaryError):
    """A budget of the user's own ([limits]) or the service's monthly allowance; nothing was sent."""

    cause = "budget"
    reason = Reason.BUDGET


class BackingOff(TemporaryError):
    """The last requests failed and the next has to wait; nothing was sent."""

    cause = "backing-off"
    reason = Reason.BACKING_OFF


class Overloaded(TemporaryError):
    """5xx, or "capacity exceeded": the service is busy, not the user."""

    cause = "overloaded"


class Unreachable(TemporaryError):
    """DNS, TCP, TLS or proxy."""

    cause = "unreachable"
    reason = Reason.UNREACHABLE


class TimedOut(TemporaryError):
    cause = "timed-out"
    reason = Reason.DEADLINE


class Broken(TemporaryError):
    """The answer ended early or could not be read."""

    cause = "broken"


def describe(error: BaseException) -> str:
    """Any exception for the log: its type and where it was raised, without its text, which may quote code or a key."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
    return f"{type(error).__name__} in {places or 'nowhere'}"
