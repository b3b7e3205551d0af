"""One way of pilots from a factory to Slurm, as measures see it: ours or the incumbent's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.bench.databases import of_ce
from tests.bench.versus.gate import Gate
from tests.bench.versus.incumbent import SshTarget, let_in, start_incumbent
from tests.bench.versus.pilots import Sender
from tests.e2e.ce import Ce
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import SMALL, running_way
from tests.e2e.condor.instance import Condor
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.submit_file import Entry
from tests.e2e.lab import process

ROUTES = [
    {
        "name": "all",
        "request": {"walltime": "10m", "memory": "10 MB"},
        "limits": {"pilots": 100_000, "idle": 100_000},
    }
]


@dataclass(frozen=True)
class Carrier:
    """A running CE with its factory before it and its own login node behind it."""

    gate: Gate
    sender: Sender
    schedd: Condor
    daemons: Callable[[], Sequence[int]]
    """The processes that make the CE: ours is its daemon, beside a schedd as any CE has one."""
    ce: Ce | None = None
    """Ours."""

    def spooled(self, job: str) -> float | None:
        """When the factory's job was complete in the CE's queue, by whole seconds; None: it has left."""
        ads = self.schedd.queue("StageInFinish", "RoutedBy", constraint=_from_factory(job))
        times = [ad["StageInFinish"] for ad in ads if ad.get("StageInFinish") and not ad.get("RoutedBy")]
        return float(times[0]) if times else None

    def whole_since(self, began: float) -> list[int]:
        """When each job that was sent since then was complete in the CE's queue, by whole seconds."""
        sent = f"QDate >= {int(began)} && StageInFinish isnt undefined"
        return [ad["StageInFinish"] for ad in self.schedd.queue("StageInFinish", constraint=sent)]

    def seen_over(self, job: str) -> float | None:
        """When our API had the pilot of the factory's job as completed; None: not at all, or not ours."""
        if self.ce is None:
            return None
        [ad] = self.sender.factory.history("GlobalJobId", constraint=_is(job)) or self.sender.factory.queue(
            "GlobalJobId", constraint=_is(job)
        )
        asked = {"factory_job": ad["GlobalJobId"]}
        found: list[dict[str, Any]] = (
            self.ce.client.get("/api/v1/pilots", params=asked).raise_for_status().json()["items"]
        )
        return epoch(found[0]["finished_at"]) if found and found[0]["finished_at"] else None


@contextmanager
def ours(
    gate: Gate, lab: CondorLab, factory: Factory, listing: str, database: str | None
) -> Iterator[Carrier]:
    """The product: its front door and its daemon, which has this database."""
    own = {"routes": ROUTES, "poll": listing, "missing_grace": None, "environment": of_ce(database)}
    with running_way(gate, lab, factory, "ours.lab.test", **own) as way:  # type: ignore[arg-type]
        way.ce.wait_until(lambda: _well(way.ce), 60, "there is no contact")
        sender = Sender(factory, way.entry(), way.scitoken)
        yield Carrier(
            gate, sender, way.schedd, lambda: [way.ce.pid, *process.descendants(way.ce.pid)], way.ce
        )


@contextmanager
def incumbent(
    gate: Gate, lab: CondorLab, factory: Factory, host: str, *lines: str, tuned: bool
) -> Iterator[Carrier]:
    """What OSG's Hosted CE is today; with `tuned` all its clocks are short, and `lines` win over those."""
    target = SshTarget(gate.port, gate.ce_key, gate.known_hosts)
    ce = start_incumbent(lab, gate.lab.owner, target, *lines, tuned=tuned, host=host)
    try:
        let_in(lab, ce, factory)
        entry = Entry(ce.identity.name, ce.identity.collector, "Lab_Entry", SMALL)
        yield Carrier(gate, Sender(factory, entry), ce, ce.pids)
    finally:
        ce.stop()


def _well(ce: Ce) -> bool:
    """Asks as a watcher does: whoever asks more has the CE load the rest of its API, 14 MB."""
    return not ce.client.get("/readyz").json()["degraded"]


def epoch(text: str) -> float:
    """Seconds since 1970 of a time of our API."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _from_factory(job: str) -> str:
    return f'regexp("#{re.escape(job)}#", SubmitterGlobalJobId)'


def _is(job: str) -> str:
    cluster, _, number = job.partition(".")
    return f"ClusterId == {cluster} && ProcId == {number}"
