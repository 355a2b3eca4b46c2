"""What an examination says of one step, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    step: str
    detail: str
    next_step: str = ""


class Fault(Exception):
    """Ends the examination of a provider."""

    def __init__(self, detail: str, next_step: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.next_step = next_step
