"""The factory's door against everything that a factory, a schedd and a site may do, in any order.

The machine is tests/fakes/door_machine.py. It is tested too: each planted bug must be found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from hosted_ce.engine.holding import release
from hosted_ce.intake.condor import follow, holds, report
from hosted_ce.intake.condor.delivery import Delivery
from hosted_ce.intake.condor.door import CondorDoor
from hosted_ce.intake.condor.edits import Edit, Order
from hosted_ce.intake.condor.job import QueuedJob
from hosted_ce.intake.condor.known import Known
from hosted_ce.intake.condor.report import wanted_status
from hosted_ce.intake.condor.telling import Telling
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import Goal
from tests.fakes.door_machine import Door, Round, plans
from tests.fakes.faults import Fault
from tests.fakes.hunting import hunt
from tests.fakes.postgresql import Server
from tests.fakes.schedd import COMPLETED

pytestmark = pytest.mark.timeout(600)  # they search, and on a busy machine for long
BOUNDED = settings(
    max_examples=60, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate), report_multiple_bugs=False,
)  # fmt: skip
"""What is found is short enough to be read as it is; to make it shorter would take longer than a test may."""


def test_the_queue_tells_the_truth_and_the_factory_is_obeyed(database_server: Server | None) -> None:
    run_state_machine_as_test(type("Here", (Door,), {"server": database_server}), settings=BOUNDED)


# The machine can fail: each of these bugs must be found.

RULES = {
    "send", "ask", "work", "look", "wait", "break_down", "operate", "wipe_the_spool", "accept_the_spool",
    "wipe_the_spool_before_a_request_arrives",
}  # fmt: skip
HUNT = settings(
    BOUNDED, max_examples=200, stateful_step_count=8, derandomize=True, database=None,
    phases=(Phase.generate,),
)  # fmt: skip
COURSE = st.tuples(st.sampled_from([None, "start", "finish"]), st.none(), st.none())
DEAF = st.tuples(st.just("start"), st.none(), st.just(("cancel", Fault.NOT_RUN)))
"""Batch jobs run on, whatever is asked of them."""


def find(rules: Collection[str], **facts: object) -> None:
    """Runs the machine with these rules, and what happens in them. Raises AssertionError when it finds
    something."""
    none = dict.fromkeys(RULES - {*rules})
    made = type("ThisDoor", (Door,), {**none, "kinds": ("small",), "first": 1, "rounds": COURSE, **facts})
    hunt(made, HUNT)


def meanwhile(*actions: str, replying: bool) -> st.SearchStrategy[Round]:
    """Rounds in which these happen when a status is edited."""
    happening = plans(*actions, moments=st.just("JobStatus"), replying=st.just(replying))
    return st.tuples(st.sampled_from(["start", "finish"]), happening, st.none())


def test_a_status_that_is_edited_without_its_guard_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QueuedJob, "unchanged", "true")
    with pytest.raises(AssertionError):
        find({"work"}, rounds=meanwhile("hold", "remove", replying=False))


def test_a_removal_that_asks_for_the_status_alone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    bug = property(lambda self: f"JobStatus == {self.status.value}")
    monkeypatch.setattr(QueuedJob, "lasting", bug)
    happening = plans("hold and release", moments=st.just(1), replying=st.just(False))
    with pytest.raises(AssertionError, match="was held and released"):
        find({"wait", "work"}, rounds=st.tuples(st.none(), happening, st.none()))


def test_a_job_that_is_given_back_before_its_batch_job_is_gone_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bug(job: QueuedJob, pilot: Pilot) -> Iterator[Edit]:
        yield Edit(job.id, "Managed", "ScheddDone", Order.GIVEN_BACK)

    monkeypatch.setattr(report, "_given_back", bug)
    with pytest.raises(AssertionError):
        find({"work", "ask"}, asked=("remove",), rounds=DEAF)


def test_a_hold_and_its_release_that_nobody_counted_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(pilot: Pilot) -> Change | None:
        return None

    monkeypatch.setattr(follow, "_restarted", bug)
    with pytest.raises(AssertionError):
        find({"work", "ask"}, asked=("hold and release",))


def test_an_old_attempt_that_goes_on_after_a_release_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(pilot: Pilot, actor: str, reason: str | None) -> Change | None:
        change = release(pilot, actor, reason)
        if change and pilot.goal is Goal.HOLD and "stage" not in change.update:
            return replace(change, update={**change.update, "goal": Goal.RUN})
        return change

    monkeypatch.setattr(follow, "release", bug)
    with pytest.raises(AssertionError):
        find({"work", "ask"}, asked=("hold", "release"), rounds=DEAF)


def test_outputs_that_come_after_the_end_was_told_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def they_will_be(self: Delivery, known: Known) -> bool:
        return True

    async def bug(self: Telling, told: Sequence[tuple[Known, list[Edit]]]) -> None:
        await edit(self, told)
        for known, _ in told:
            if wanted_status(known.pilot).value == COMPLETED:
                await self._delivery._write(known.job, known.pilot)

    edit = Telling._edit
    monkeypatch.setattr(Delivery, "done", they_will_be)
    monkeypatch.setattr(Telling, "_edit", bug)
    with pytest.raises((AssertionError, FileNotFoundError)):
        find({"work"}, rounds=meanwhile("killed", replying=True))


def test_a_hold_that_is_counted_before_it_is_made_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(job: QueuedJob) -> Iterator[Edit]:
        yield Edit(job.id, "HoldReasonCode", holds.HOLD_CODE, Order.FACTS)

    monkeypatch.setattr(holds, "code_of_hold", bug)
    with pytest.raises(AssertionError):
        find({"work", "operate"}, operated=("hold",))


def test_a_reason_that_a_restarted_schedd_gave_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_held_no_more", lambda job: iter(()))
    with pytest.raises(AssertionError):
        find({"work", "break_down"}, disasters=("schedd",))


def test_a_job_that_is_remembered_after_its_queue_was_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(self: CondorDoor, known: Known) -> None:
        """It is remembered."""

    monkeypatch.setattr(CondorDoor, "_forget", bug)
    with pytest.raises(AssertionError):
        find({"work", "break_down"}, disasters=("queue",))
