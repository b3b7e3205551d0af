"""A CE with some days behind it: a site in trouble, and pilots in every state, with their histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hosted_ce.api.ports.site_files import SiteFileView
from hosted_ce.api.views import ClusterView, Contact, FrontDoorView, RefusedView, RouteView, SiteView
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Run, RunState, Worse, counted
from hosted_ce.checks.verdict import Verdict
from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health, Reason, Word
from hosted_ce.health.pressure import Activity, Pressure
from hosted_ce.incidents.cause import Cause
from hosted_ce.incidents.incident import Incident
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.nodes import Node, Nodes
from hosted_ce.pilots.pilot import AttemptUpdate, Event, Outcome, Pilot, PilotUpdate
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.routing.limits import Caps, Usage
from hosted_ce.store.arrivals import NewPilot
from tests.api.world import START, World

HOUR = 3600.0
NOW = START + 30 * HOUR
FACTORY = "gfactory@gfactory-2.opensciencegrid.org"
ENTRIES = ("OSG_US_Example-CE1", "OSG_US_Example-CE1_gpu", "GLUEX_US_Example-CE1")
HELD = "the site refused it: Batch job submission failed: Requested node configuration is not available"
BROKEN_OFF = "the connection broke off while it was submitted"
KEY = "the host key is not the one on record; ask the site, then replace it in `known_hosts`"

CLUSTERS = (
    ClusterView(
        name="hpc", batch="slurm", logins=("login1.example.edu", "login2.example.edu"), account="osg01",
        contact=Contact.READY, since=NOW - 29 * HOUR, problem=None, listed_at=NOW - 12, submitting=True,
        closed_reason=None, state="ready", state_since=NOW - 29 * HOUR, window=8,
    ),
    ClusterView(
        name="old", batch="pbs", logins=("old.example.edu",), account="osg01", contact=Contact.REFUSED,
        since=NOW - 5 * HOUR, problem=KEY,
        listed_at=NOW - 5 * HOUR, submitting=False, closed_reason="no contact", state="auth_refused",
        state_since=NOW - 5 * HOUR, state_reason="the host key is not the one on record", overdue=2,
    ),
)  # fmt: skip
ROUTES = (
    RouteView("large", "hpc", "RequestCpus >= 8", Caps(50, 14, cores=400), Usage(35, 14, 280)),
    RouteView("gpu", "hpc", "RequestGpus > 0", Caps(20, 5), Usage(),
              RefusedView("limit", "QOSMaxSubmitJobPerUserLimit", NOW - 90, NOW + 210, 3)),
    RouteView("any", "old", None, Caps(100, 10), Usage(0, 0)),
)  # fmt: skip
TROUBLED = SiteView(
    name="Example University", resource="Example-CE1", clusters=CLUSTERS, routes=ROUTES,
    front_door=FrontDoorView(
        address="ce.example.edu:9619", in_contact=True, since=NOW - 29 * HOUR, problem=None,
        looked_at=NOW - 1, jobs=46,
    ),
    file=SiteFileView(path="/etc/hosted-ce/site.yaml", sha256="c0" * 32, loaded_at=NOW - 29 * HOUR),
    health=Health(Word.POOR, (
        Reason(Word.POOR, "cluster old cannot be reached: the host key is not the one on record",
               "mend what it says, then run `hosted-ce site resume old` to try at once"),
        Reason(Word.FAIR, "2 pilots have been in doubt for too long at cluster old",
               "see `hosted-ce pilots list --state unknown`, and settle them by hand"),
        Reason(Word.FAIR, "the host certificate /etc/grid-security/hostcert.pem is valid for 9 days only",
               "put a new one at /etc/grid-security/hostcert.pem"),
    )),
    activity=Activity(Pressure.PRODUCTION, "168 cores run pilots now"),
    expiries=(Expiry("host certificate", "/etc/grid-security/hostcert.pem", NOW + 9 * 24 * HOUR),),
)  # fmt: skip
OUTAGE = Incident("old", Cause.HOST_KEY_CHANGED, NOW - 5 * HOUR, NOW - 5 * HOUR + 60, KEY, 2)
WELL = replace(TROUBLED, clusters=CLUSTERS[:1], routes=ROUTES[:1], health=Health(Word.GOOD, ()), expiries=())

LOGIN = "login1.example.edu:22"
FOUND = (
    Result("SSH-2", Verdict.PASS, "taken after 2 ms", LOGIN),
    Result("SSH-9", Verdict.WARN, "29 bytes come before each command's output: 'Hello'", LOGIN),
    Result("BS-7", Verdict.FAIL, "route gpu asks for 4 GPUs, and queue osg gives 2 GPUs at most", "gpu"),
    Result("BS-4", Verdict.SKIPPED, "not looked at, since BS-7 (request-fits) failed", "gpu"),
    Result("WN-6", Verdict.PASS, "it ran for 12 s", "n017"),
    Result("CV-1", Verdict.FAIL, "not there: oasis.opensciencegrid.org (missing)", "n017"),
)
CHECKS = (
    Run(1, "hpc", RunState.DONE, Asked(sample=3), "schedule", NOW - HOUR, NOW - HOUR + 70,
        counts=counted(FOUND), results=FOUND,
        worse=(Worse("CV-1", "n017", Verdict.PASS, Verdict.FAIL, FOUND[-1].seen),)),
    Run(2, "old", RunState.RUNNING, Asked(), "rest:operator", NOW - 20, counts=counted(FOUND[:1]),
        results=FOUND[:1], doing="worker nodes: jobs not back yet: 1; n001: idle, in the queue: Priority"),
)  # fmt: skip


def nodes() -> list[Node]:
    """Some nodes, one of which kills pilots."""
    found = Nodes()
    for number in range(9):
        found.ended("hpc", "n017", EndClass.NO_CVMFS, 40.0 + number, NOW - 600 * number)
        found.ended("hpc", f"n{number + 1:03d}", EndClass.NORMAL, 40_000.0, NOW - 900 * number)
    return found.all(NOW)


@dataclass
class Scene:
    """Pilots, made in the order of their numbers."""

    world: World

    async def arrive(self, number: int, **attributes: Any) -> Pilot:
        """A pilot of a factory, the so-manyth."""
        entry = ENTRIES[number % 3]
        ad = {
            "GlideinEntryName": entry, "GlideinFactory": "OSG_gfactory-2", "GlideinName": "gfactory_instance",
            "RequestCpus": 8, "maxMemory": 16000, "maxWallTime": 4320, **attributes,
        }  # fmt: skip
        spec = {"executable": "glidein_startup.sh", "arguments": [], "environment": {}, "inputs": []}
        came, job = f"{self.world.time:.0f}", f"{4700 + number // 10}.{number % 10}"
        new = NewPilot(
            {**spec, "attributes": ad}, "condor", "https://scitokens.org/osg-connect,vofrontend-ospool",
            f"digest{number}", f"ce.example.edu#{number}.0#{came}", account="osg01",
            factory_job=f"{FACTORY}#{job}#{came}", door_open=True,
        )  # fmt: skip
        pilot, _ = await self.world.services.store.add(new)
        return pilot

    async def change(
        self, pilot_id: int, what: str, update: PilotUpdate, facts: AttemptUpdate | None = None, *,
        actor: str = "site", reason: str | None = None, data: Mapping[str, Any] | None = None,
    ) -> Pilot:  # fmt: skip
        """One step of a pilot."""
        pilot = await self.world.pilot(pilot_id)
        return await self.world._apply(pilot, update, Event(what, actor, reason, data or {}), attempt=facts)

    async def play(self, pilots: int = 70) -> None:
        """So many pilots, at every step of their way."""
        for number in range(1, pilots + 1):
            self.world.time = START + number * (29.5 * HOUR / pilots)
            pilot = await self.arrive(number)
            await self._go(pilot.id, number % 10)
        self.world.time = NOW

    async def _go(self, pilot_id: int, kind: int) -> None:
        if kind == 0:
            await self.world.note(
                pilot_id, Event("noted", "engine"), "route large is full: 14 of its 14 waiting pilots"
            )
        elif kind in (1, 2):
            await self.queued(pilot_id)
        elif kind in (3, 4, 5):
            await self.world.run(pilot_id)
        elif kind in (6, 7, 8):
            await self.completed(pilot_id)
        else:
            await self._odd(pilot_id)

    async def queued(self, pilot_id: int) -> None:
        """In the site's queue."""
        await self.world.begin(pilot_id, route="large")
        said = "Priority" if pilot_id % 3 else "QOSMaxCpuPerUserLimit"
        facts: AttemptUpdate = {"site_state": "PENDING", "site_reason": said}
        await self.change(pilot_id, "waits", {"reason": f"in the site's queue: {said}"}, facts)

    async def completed(self, pilot_id: int) -> None:
        """Ended well, with outputs."""
        await self.world.run(pilot_id)
        began, self.world.time = self.world.time, min(NOW - 60, self.world.time + 11 * HOUR)
        pilot = await self.world.pilot(pilot_id)
        assert pilot.attempt
        await self.world.services.outputs.put(pilot_id, pilot.attempt.number, "stdout", OUTPUT)
        await self.world.services.outputs.put(pilot_id, pilot.attempt.number, "stderr", b"")
        facts: AttemptUpdate = {
            "ended_at": self.world.time, "outcome": Outcome.EXITED, "exit_code": 0,
            "stdout_bytes": len(OUTPUT), "stderr_bytes": 0,
            "user_cpu_s": 250_000.0, "system_cpu_s": 900.0, "peak_memory_mb": 11_200,
            "outcome_class": EndClass.NORMAL, "outcome_evidence": "Glidein ending with code 0",
        }  # fmt: skip
        update: PilotUpdate = {"state": State.COMPLETED, "stage": Stage.DONE, "finished_at": self.world.time}
        await self.change(pilot_id, "completed", update, facts, actor="engine", reason="exit code 0")
        self.world.time = began

    async def _odd(self, pilot_id: int) -> None:
        match pilot_id // 10 % 4:
            case 0:
                update: PilotUpdate = {
                    "state": State.HELD, "stage": Stage.DONE, "reason": HELD, "hold_cause": HoldCause.REFUSED,
                }  # fmt: skip
                await self.change(pilot_id, "held", update, actor="engine", reason=HELD)
            case 1:
                update = {"state": State.REMOVED, "stage": Stage.DONE, "goal": Goal.REMOVE,
                          "finished_at": self.world.time, "reason": "removed by the factory"}  # fmt: skip
                await self.change(
                    pilot_id, "removed", update, actor="factory", reason="condor_rm by gfactory"
                )
            case 2:
                await self.world.begin(pilot_id, route="any", cluster="old")
                update = {
                    "state": State.UNKNOWN,
                    "stage": Stage.DOUBTFUL,
                    "reason": "the connection broke off while it was submitted",
                }
                await self.change(
                    pilot_id, "doubtful", update, {"doubt_since": self.world.time}, actor="engine"
                )
            case _:
                await self.world.run(pilot_id)
                update = {"state": State.LOST, "stage": Stage.DONE, "finished_at": self.world.time,
                          "reason": "vanished at the site without a trace"}  # fmt: skip
                await self.change(pilot_id, "vanished", update, {"outcome": Outcome.VANISHED}, actor="engine")


OUTPUT = b"".join(
    b"Sun Feb  1 %02d:%02d:00 UTC 2026 === Glidein step %d: OK ===\n" % (n // 60 % 24, n % 60, n)
    for n in range(1500)
)
