"""Lines of the audit log: which are wanted, and how a person sees them. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hosted_ce.cli.logs.lines import Line, is_about, seconds_of
from hosted_ce.cli.words import cell

_FIRST = ("at", "outcome", "door", "who", "action")
_QUIET = frozenset({*_FIRST, "method", "status", "request_id", "issuer", "subject"})
"""What is shown first, and what other members say already."""


@dataclass(frozen=True, slots=True)
class WantedRecords:
    """Which records: everything that is set narrows it. `since` is in seconds since the epoch."""

    pilot: int | None = None
    who: str | None = None
    action: str | None = None
    refused: bool = False
    address: str | None = None
    since: float | None = None
    text: str | None = None

    def takes(self, line: Line) -> bool:
        """Whether the record is wanted."""
        return (
            (self.pilot is None or is_about(line, self.pilot))
            and (self.who is None or self.who.lower() in str(line.get("who", "")).lower())
            and (self.action is None or line.get("action") == self.action)
            and (not self.refused or line.get("outcome") == "refused")
            and (self.address is None or line.get("address") == self.address)
            and (self.since is None or (seconds_of(line.get("at")) or 0.0) >= self.since)
            and (self.text is None or self.text.lower() in json.dumps(line).lower())
        )


def shown_record(line: Line) -> str:
    """The record for a person: when, what was decided, who, what, on what, and why."""
    time, outcome, who, action = (
        cell(str(line.get(name) or "-")) for name in ("at", "outcome", "who", "action")
    )
    facts = " ".join(f"{name}={_fact(value)}" for name, value in line.items() if name not in {*_QUIET, "why"})
    why = f"  ({cell(line['why'])})" if line.get("why") else ""
    return f"{time[:19].replace('T', ' ')} {outcome:8} {who} {action}  {facts}{why}"


def _fact(value: object) -> str:
    return cell(",".join(map(str, value)) if isinstance(value, list) else str(value))
