"""Why nothing is shown: a closed list. Every silent answer has exactly one of these."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Value: the word in `why`; each has its sentence for people in `SENTENCES`."""

    DISABLED = "disabled"
    SNOOZED = "snoozed"
    LANGUAGE_OFF = "language-off"
    MANUAL = "manual"
    IGNORED = "ignored"
    OUTSIDE = "outside"
    SECRET_FILE = "secret-file"
    REDACTED = "redacted"
    TOO_LARGE = "too-large"
    INSIDE_WORD = "inside-word"
    MENU = "menu"
    UNKNOWN_DOCUMENT = "unknown-document"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    USED_UP = "used-up"
    NOTHING_KNOWN = "nothing-known"
    EMPTY = "empty"
    FILTERED = "filtered"
    DEADLINE = "deadline"
    RATE_LIMITED = "rate-limited"
    BUDGET = "budget"
    BACKING_OFF = "backing-off"
    KEY_MISSING = "key-missing"
    AUTH = "auth"
    CONFIGURATION = "configuration"
    UNREACHABLE = "unreachable"
    PROVIDER_ERROR = "provider-error"
    INTERNAL = "internal"


SENTENCES: dict[Reason, str] = {
    Reason.DISABLED: "fim-lsp is switched off (`enabled`).",
    Reason.SNOOZED: "Snoozed; it comes back by itself, or with the command fim-lsp.snooze and 0 minutes.",
    Reason.LANGUAGE_OFF: "This language is switched off in [languages].",
    Reason.MANUAL: "completion.trigger is manual: ask for a suggestion by hand.",
    Reason.IGNORED: "An ignore rule covers this file.",
    Reason.OUTSIDE: "The file lies outside the workspace and privacy.outside is never.",
    Reason.SECRET_FILE: "Files of this name hold secrets and are never read.",
    Reason.REDACTED: "The cursor is in or next to a secret.",
    Reason.TOO_LARGE: "The line is too long for somebody to be typing it; ask by hand to complete there.",
    Reason.INSIDE_WORD: "The cursor is inside a word; ask by hand to complete there.",
    Reason.MENU: "The selected menu item does not agree with the text.",
    Reason.UNKNOWN_DOCUMENT: "The editor has not opened this document.",
    Reason.SUPERSEDED: "A newer request or edit came first.",
    Reason.CANCELLED: "The editor cancelled the request.",
    Reason.USED_UP: "The model has said all it had to say here.",
    Reason.NOTHING_KNOWN: "Nothing sure enough is known to follow here.",
    Reason.EMPTY: "The model answered with nothing.",
    Reason.FILTERED: "What the model said would have done harm here; the rule is named.",
    Reason.DEADLINE: "No whole line came within completion.deadline_ms.",
    Reason.RATE_LIMITED: "The service or limits.requests_per_minute asks to wait.",
    Reason.BUDGET: "Today's budget is used up.",
    Reason.BACKING_OFF: "The last requests failed; waiting before the next.",
    Reason.KEY_MISSING: "The provider has no key.",
    Reason.AUTH: "The provider refused the key.",
    Reason.CONFIGURATION: "The provider is set up in a way that cannot work.",
    Reason.UNREACHABLE: "The provider could not be reached.",
    Reason.PROVIDER_ERROR: "The provider answered with an error.",
    Reason.INTERNAL: "fim-lsp failed; the log has the details.",
}
