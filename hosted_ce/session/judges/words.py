"""Words that judges share."""

from __future__ import annotations


def span(seconds: float) -> str:
    """A length of time for people: `40 s`, `12 min`, `3 h`."""
    whole = max(0, int(seconds))
    for size, name in ((7200, "h"), (120, "min")):
        if whole >= size:
            return f"{whole // (3600 if name == 'h' else 60)} {name}"
    return f"{whole} s"


def several(number: int, what: str) -> str:
    """`1 check`, `3 checks`."""
    return f"{number} {what}" + ("" if number == 1 else "s")
