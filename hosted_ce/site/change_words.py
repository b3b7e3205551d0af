"""Differences of site files in people's words. One line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hosted_ce.site.changes import Difference, Path, What
from hosted_ce.site.errors import quote

_SINGULAR = {"routes": "route", "clusters": "cluster"}
_TITLES = {"front_door": "front door", "resource_group": "resource group"}
_LONGEST = 100
_NAMED = 2
"""Keys to the name of a route or cluster."""


def in_words(difference: Difference) -> str:
    """As in `route gpu: limits.pilots was 100, becomes 200`."""
    subject, rest = _subject(difference.path)
    if difference.what is What.ORDER:
        return f"{_at(subject, rest)} in another order: {_list(difference.new)} (was {_list(difference.old)})"
    if not rest and len(difference.path) == _NAMED:
        return f"{subject} {_as_a_whole(difference)}"
    return f"{_at(subject, rest)} {_value(difference)}"


def as_record(difference: Difference) -> dict[str, Any]:
    """With its words, as plain values."""
    return {
        "path": ".".join(difference.path),
        "what": difference.what.value,
        "words": in_words(difference),
        "old": difference.old,
        "new": difference.new,
    }


def _subject(path: Path) -> tuple[str, Path]:
    """Whose it is, and where below it."""
    if path[0] in _SINGULAR and len(path) >= _NAMED:
        return f"{_SINGULAR[path[0]]} {path[1]}", path[_NAMED:]
    return _TITLES.get(path[0], path[0]), path[1:]


def _at(subject: str, rest: Path) -> str:
    return f"{subject}: {'.'.join(rest)}" if rest else subject


def _as_a_whole(difference: Difference) -> str:
    if difference.what is What.REMOVED:
        return "is taken out"
    place = f", number {difference.place[0]} of {difference.place[1]}" if difference.place else ""
    return f"is new{place}: {_described(difference.new)}"


def _described(entry: Any) -> str:
    """What a new route takes, or where a new cluster is."""
    if isinstance(entry, Mapping) and "login" in entry:
        hosts = ", ".join(f"{login['host']}:{login['port']}" for login in entry["login"])
        return f"{entry['batch']}, {entry['account']} at {hosts}"
    if isinstance(entry, Mapping) and "limits" in entry:
        when = entry.get("when")
        return f"takes pilots with {_spelled(when)}" if when else "takes every pilot"
    return _spelled(entry)


def _value(difference: Difference) -> str:
    old, new = difference.old, difference.new
    match difference.what:
        case What.ADDED:
            return f"{_spelled(new)} is new"
        case What.REMOVED:
            return f"{_spelled(old)} is taken out"
        case What.CONTENT:
            return f"has another content: {_spelled(new)}"
        case _:
            return f"was {_spelled(old)}, becomes {_spelled(new)}"


def _list(entries: Any) -> str:
    return _short(", ".join(_spelled(entry) for entry in entries))


def _spelled(value: Any) -> str:
    match value:
        case str():
            return _short(value) if value.isprintable() and value else quote(value)
        case bool():
            return str(value).lower()
        case Mapping():
            said = (f"{key} {_spelled(each)}" for key, each in value.items() if each not in (None, [], {}))
            return _short(f"({', '.join(said)})")
        case list() | tuple():
            return f"[{_list(value)}]"
        case _:
            return str(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
