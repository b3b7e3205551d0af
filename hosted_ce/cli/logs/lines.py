"""Lines of the CE's log: which are wanted, and how they are shown. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hosted_ce.cli.words import cell, spelled
from hosted_ce.pilots.id_ranges import in_ranges

LEVELS = ("debug", "info", "warning", "error", "critical")
_SHOWN_FIRST = frozenset({"timestamp", "level", "event", "logger", "exception", "stack"})

Line = Mapping[str, Any]


def parsed(text: str) -> Line | None:
    """The line's facts; None: it is no line of a log, as where a disk was full."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: everything that is set narrows it. `since` is in seconds since the epoch."""

    pilot: int | None = None
    level: str = "debug"
    since: float | None = None
    request: str | None = None
    text: str | None = None

    def takes(self, line: Line) -> bool:
        """Whether the line is wanted."""
        return (
            (self.pilot is None or is_about(line, self.pilot))
            and _rank(line.get("level")) >= _rank(self.level)
            and (self.since is None or (seconds_of(line.get("timestamp")) or 0.0) >= self.since)
            and (self.request is None or line.get("request_id") == self.request)
            and (self.text is None or self.text.lower() in json.dumps(line).lower())
        )


def is_about(line: Line, pilot: int) -> bool:
    """Whether it is about this pilot, or about several that it is one of."""
    return line.get("pilot") == pilot or in_ranges(pilot, line.get("pilots"))


def shown(line: Line) -> list[str]:
    """The line for a person: time, level, message, facts; a traceback on lines of its own."""
    time = spelled(str(line.get("timestamp", ""))[:19]).replace("T", " ")
    facts = " ".join(
        f"{spelled(name)}={_fact(value)}" for name, value in line.items() if name not in _SHOWN_FIRST
    )
    first = f"{time} {spelled(str(line.get('level', ''))):8}{cell(line.get('event'))}  {facts}".rstrip()
    trace = [str(line[name]) for name in ("exception", "stack") if line.get(name)]
    return [first, *(f"    {cell(each)}" for text in trace for each in text.splitlines())]


def _fact(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    text = cell(text)
    return json.dumps(text) if " " in text else text


def _rank(level: object) -> int:
    """What has a level that we do not know is not left out."""
    return LEVELS.index(level) if isinstance(level, str) and level in LEVELS else len(LEVELS)


def seconds_of(time: object) -> float | None:
    """A line's time in seconds since the epoch; None: it is none."""
    try:
        return datetime.fromisoformat(str(time)).timestamp()
    except ValueError:
        return None
