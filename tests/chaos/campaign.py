"""Runs rounds: pilots flow, something breaks, and in the end the books must agree."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tests.chaos import faults_agent, faults_daemon, faults_link, faults_slurm
from tests.chaos.fault import Fault
from tests.chaos.truth import Asked
from tests.chaos.verdict import Verdict, judge
from tests.chaos.world import World

FAULTS: tuple[Fault, ...] = (
    *faults_daemon.FAULTS, *faults_link.FAULTS, *faults_agent.FAULTS, *faults_slurm.FAULTS,
)  # fmt: skip
PILOTS = 10
STUCK_S = 300.0
"""Pilots that are not over so long after the fault count as lost: the CE does not get on with them."""
OVER = {"completed", "removed", "lost", "held"}


@dataclass(slots=True)
class Result:
    """All rounds of one fault."""

    name: str
    rounds: int = 0
    injected: int = 0
    pilots: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    falsely_finished: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """Rounds that could not be played."""
    recovery_s: list[float] = field(default_factory=list)
    """From the end of the fault until a pilot that was asked for then had run."""

    @property
    def good(self) -> bool:
        """Whether the promise held, and the fault really happened."""
        bad = self.lost or self.duplicated or self.falsely_finished or self.strangers or self.errors
        return not bad and self.injected > 0

    def add(self, injected: int, pilots: int, verdict: Verdict, recovery_s: float | None) -> None:
        """Counts one round."""
        self.rounds += 1
        self.injected += injected
        self.pilots += pilots
        self.lost += verdict.lost
        self.duplicated += verdict.duplicated
        self.falsely_finished += verdict.falsely_finished
        self.strangers += verdict.strangers
        if recovery_s is not None:
            self.recovery_s.append(recovery_s)


def one_round(world: World, fault: Fault, result: Result) -> None:
    """One round of one fault."""
    label = f"{fault.name.replace(': ', '-').replace(' ', '-').replace(',', '')}-{result.rounds}"
    pilots = [world.factory.pilot(f"{label}-{n}", longest=fault.longest) for n in range(PILOTS)]
    factory = world.factory.stream(pilots, fault.pilots_for)
    injected = fault.inject(world)
    world.shims.behave()
    factory.join()
    canary = world.factory.pilot(f"{label}-after", longest=0.1)
    began = time.monotonic()
    world.factory.submit(canary)
    recovered = _wait(world, [canary], began)
    pilots.append(canary)
    finished = _wait(world, pilots, began) is not None
    verdict = judge(
        world, pilots, deadly=fault.deadly, outputs_lost=fault.outputs_lost, finished=finished
    )  # fmt: skip
    result.add(injected, len(pilots), verdict, recovered)


def _wait(world: World, pilots: Sequence[Asked], began: float) -> float | None:
    """Seconds since `began` when all of them are over; None when they do not come to it."""
    ids = {world.factory.ids[pilot.name] for pilot in pilots}
    while time.monotonic() < began + STUCK_S:
        try:
            found = [pilot for pilot in world.ce.pilots() if pilot["id"] in ids]
        except httpx.HTTPError:
            found = []
        if len(found) == len(ids) and all(pilot["state"] in OVER for pilot in found):
            return time.monotonic() - began
        time.sleep(0.3)
    return None
