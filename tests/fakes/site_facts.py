"""Facts of a site whose session goes well, up to a point."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hosted_ce.session.board import Session
from hosted_ce.session.facts import CheckRun, Facts, PilotSeen, Place, RampSeen
from hosted_ce.session.found import Fault
from hosted_ce.session.log import Entry, Said

BEGAN = 1_770_000_000.0
MINUTE = 60.0
SESSION = Session(3, "Example University", "Example-University", "Example-CE1", BEGAN, "rest:Ada Lovelace")
KEY_MODE = Fault(
    "SSH-4 login.example.edu:22", "SSH-4 Our key is accepted", "the login node refused our key",
    "put our line into authorized_keys, mode 600",
)  # fmt: skip
SCRATCH = Fault(
    "FS-3 n007", "FS-3 Files in scratch can be executed", "/tmp of n007 is mounted noexec",
    "mount it with exec", severe=False,
)  # fmt: skip


def seen(number: int = 7, **changes: Any) -> PilotSeen:
    """A pilot that came back well, unless it is told otherwise."""
    found = PilotSeen(
        id=number, state="completed", came_at=BEGAN + 40 * MINUTE, came_by="the front door",
        what="glidein_startup.sh", route="osg", batch_id="4711", node="n001",
        routed_at=BEGAN + 40 * MINUTE + 1, started_at=BEGAN + 41 * MINUTE, ended_at=BEGAN + 46 * MINUTE,
        over=True, well=True, ended="exit code 0, normal", why=None,
    )  # fmt: skip
    return replace(found, **changes)


def waiting(number: int = 7, **changes: Any) -> PilotSeen:
    """A pilot that no route has taken."""
    none = dict.fromkeys(("route", "batch_id", "node", "routed_at", "started_at", "ended_at", "ended"))
    given = {"state": "idle", "over": False, "well": False, "why": "no route takes it", **none, **changes}
    return seen(number, **given)


def checked(*faults: Fault, **changes: Any) -> CheckRun:
    """A run of checks that got to its end."""
    failed = sum(fault.severe for fault in faults)
    counts = {"fail": failed, "warn": len(faults) - failed, "pass": 41 - len(faults), "skipped": 0}
    found = CheckRun(12, "hpc", BEGAN + 5 * MINUTE, BEGAN + 8 * MINUTE, counts, faults)
    return replace(found, **changes)


def facts(minute: float = 60.0, **changes: Any) -> Facts:
    """The site so many minutes after the session began: everything that can be seen is well."""
    tests = {"hello": (seen(4, what="hello.sh"),), "stress": (seen(5, what="stress.sh"),)}
    found = Facts(
        now=BEGAN + minute * MINUTE, places=(Place("hpc", None, BEGAN + MINUTE),), file_since=BEGAN - 3600,
        door="ce.example.edu:9619", checks=(checked(SCRATCH),), tests=tests, pilots=(seen(),),
        ramps=(RampSeen("osg", 4, 100, "auto", BEGAN + 70 * MINUTE, "3 of 4 started"),), checks_every="7d",
        contacts=("hpc@example.edu",),
    )  # fmt: skip
    return replace(found, **changes)


def said(number: int, what: Said, text: str | None = None, item: str | None = None, **more: Any) -> Entry:
    """An entry of the session's log."""
    return Entry(number, BEGAN + number * MINUTE, "rest:Ada Lovelace", what, text, item, **more)
