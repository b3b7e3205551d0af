"""One number of pilots: the CE is filled, then left to itself with pilots that come and go."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.steady import client
from tests.bench.steady.inside import Inside
from tests.bench.steady.look import Look, look
from tests.bench.steady.site import PaperSite, paper_site
from tests.e2e.ce import Ce

ROUTES = [
    {
        "name": "all",
        "request": {"walltime": "3d", "memory": "1 MB"},
        "limits": {"pilots": 1_000_000, "idle": 1_000_000},
    }
]
FILL_PATIENCE_S = 3600
OBJECTS_EVERY = 15
"""Of so many samples one counts what is in memory by kind; it is told what was there before."""


@dataclass(frozen=True)
class Plan:
    """One run."""

    pilots: int
    minutes: float
    churn: float = 100.0
    """So many pilots end in a minute, and as many come."""
    every_s: float = 60.0
    """Between two looks."""
    rest_s: float = 120.0
    """After it was filled, before the first look counts."""
    poll: str | None = None
    """How often the CE lists; None: what a site file has by default, 30 s."""


@dataclass
class Found:
    """What a run has found so far."""

    plan: Plan
    empty: Look | None = None
    """Before the first pilot."""
    filled_s: float = 0.0
    looks: list[Look] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    """Seconds from the end of a job to when our API had its pilot as completed."""
    untold: int = 0
    """Pilots whose jobs ended so long ago that the API should have told, and did not."""


def run(plan: Plan, tell: Callable[[str], None], so_far: Callable[[Found], None]) -> Found:
    """`tell` hears how it goes, `so_far` gets what is known after each look."""
    found = Found(plan)
    with tempfile.TemporaryDirectory() as name, paper_site(plan.pilots // 2) as site:
        inside = Inside(Path(name))
        ce = Ce(
            site, Path(name), site={"routes": ROUTES}, environment=inside.environment,
            poll=plan.poll, missing_grace=None,
        )  # fmt: skip
        ce.start()
        try:
            ce.wait_until(lambda: bool(ce.cluster()["state"] == "ready"), 60, "there is no contact")
            found.empty = _look(ce, site, inside)
            _fill(ce, site, found, tell)
            with client.watched(ce):
                _Steady(ce, site, inside, found).go(so_far)
        finally:
            ce.stop()
    return found


def _fill(ce: Ce, site: PaperSite, found: Found, tell: Callable[[str], None]) -> None:
    pilots, began = found.plan.pilots, time.monotonic()
    assert found.empty
    client.send_all(ce, range(pilots))
    ce.wait_until(lambda: site.jobs.submitted >= pilots, FILL_PATIENCE_S, "not all were submitted")
    ce.wait_until(lambda: _running(ce) >= pilots // 2, 300, "not all that run were seen")
    found.filled_s = round(time.monotonic() - began, 1)
    tell(f"{pilots} pilots are there after {found.filled_s:.0f} s")


def _running(ce: Ce) -> int:
    time.sleep(1)
    counts = ce.client.get("/api/v1/pilots", params={"limit": 1}).raise_for_status().json()["counts"]
    return int(counts["running"])


class _Steady:
    """Pilots come and go at an even pace, whatever the CE does; looks are taken between them."""

    def __init__(self, ce: Ce, site: PaperSite, inside: Inside, found: Found):
        self._ce, self._site, self._inside, self._found = ce, site, inside, found
        self._number = found.plan.pilots
        self._told_until = 0.0
        self._waits: dict[str, float] = {}
        """When jobs ended of which the API has not told."""

    def go(self, so_far: Callable[[Found], None]) -> None:
        """For the minutes of the plan."""
        plan = self._found.plan
        self._flow(time.monotonic() + plan.rest_s)
        self._latencies()
        self._found.latencies.clear()
        self._take(so_far, objects=True)
        began = time.monotonic()
        number = max(1, round(plan.minutes * 60 / plan.every_s))
        for each in range(1, number + 1):
            self._flow(began + each * plan.every_s)
            self._latencies()
            self._take(so_far, objects=each % OBJECTS_EVERY == 0 or each == number)

    def _flow(self, until: float) -> None:
        """One ends and one comes, again and again. What is late is not made up for."""
        pause = 60 / self._found.plan.churn
        due = time.monotonic()
        while due < until:
            time.sleep(max(0.0, due - time.monotonic()))
            if job := self._site.jobs.end_one():
                self._waits[job.name] = job.ended or 0
            client.send(self._ce, self._number)
            self._number += 1
            due = max(due + pause, time.monotonic() - pause)
        time.sleep(max(0.0, until - time.monotonic()))

    def _latencies(self) -> None:
        told = client.ends_told(self._ce, self._told_until - 60)
        for stamp in told.keys() & self._waits.keys():
            self._found.latencies.append(told[stamp] - self._waits.pop(stamp))
        self._told_until = max(told.values(), default=self._told_until)
        late = time.time() - 300
        self._found.untold = sum(ended < late for ended in self._waits.values())

    def _take(self, so_far: Callable[[Found], None], *, objects: bool) -> None:
        self._found.looks.append(_look(self._ce, self._site, self._inside, objects=objects))
        so_far(self._found)


def _look(ce: Ce, site: PaperSite, inside: Inside, *, objects: bool = False) -> Look:
    assert site.sshd.listener.pid is not None
    return look(ce, site.sshd.listener.pid, inside, objects=objects)


def plain(found: Found) -> dict[str, Any]:
    """For JSON."""
    return {
        **found.plan.__dict__,
        "filled_s": found.filled_s,
        "empty": found.empty.plain() if found.empty else None,
        "looks": [each.plain() for each in found.looks],
        "latencies": [round(each, 2) for each in found.latencies],
        "untold": found.untold,
    }
