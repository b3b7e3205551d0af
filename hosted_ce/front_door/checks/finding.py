"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One named check: what was seen, and what to do about it, which is empty if there is nothing to do."""

    name: str
    verdict: Verdict
    seen: str
    todo: str = ""


def passed(name: str, seen: str) -> Finding:
    """All is well."""
    return Finding(name, "pass", seen)


def warned(name: str, seen: str, todo: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(name, "warn", seen, todo)


def failed(name: str, seen: str, todo: str) -> Finding:
    """It does not work, or must not be so."""
    return Finding(name, "fail", seen, todo)
