"""The engine against everything that a site may do, in any order (tests/fakes/machine.py).

The machine itself is tested too: each planted bug must be found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from bosco.gateway import Evidence
from hosted_ce.engine.array_left import Array
from hosted_ce.engine.judge import Policy, ended
from hosted_ce.engine.submission import again, settled
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.store.pilots import PilotStore
from tests.fakes.batch import Accounting
from tests.fakes.cluster import FakeCluster, Late
from tests.fakes.faults import Fault
from tests.fakes.hunting import hunt
from tests.fakes.machine import Engine, Trouble
from tests.fakes.postgresql import Server, needs_postgresql
from tests.fakes.spool import Folder

pytestmark = pytest.mark.timeout(600)  # they search, and on a busy machine for long
BOUNDED = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_no_pilot_is_lost_doubled_or_called_what_it_is_not(database_server: Server | None) -> None:
    run_state_machine_as_test(type("Here", (Engine,), {"server": database_server}), settings=BOUNDED)


@needs_postgresql
def test_nor_with_the_books_on_postgresql(postgresql: Server) -> None:
    there = type("There", (Engine,), {"server": postgresql})
    run_state_machine_as_test(there, settings=settings(BOUNDED, max_examples=10))


# The machine can fail: each of these bugs must be found. To find it soon, only what it is about happens.


RULES = {
    "accept_the_spool", "add", "answer", "change_accounting", "end_the_listing", "end_what_is_on_its_way",
    "happen",
    "hold", "hold_a_listing", "hold_a_submission", "lose_contact", "pass_time", "plan_trouble", "release",
    "remove", "restart", "step", "wipe_the_spool",
    "wipe_the_spool_before_a_request_arrives", "work",
}  # fmt: skip


HUNT = settings(
    BOUNDED, max_examples=300, stateful_step_count=12, derandomize=True, database=None,
    phases=(Phase.generate,), report_multiple_bugs=False,
)  # fmt: skip


def find(
    rules: Collection[str],
    *troubles: Trouble,
    store: type[PilotStore] = PilotStore,
    site: type[FakeCluster] | None = None,
    machine: type[Engine] = Engine,
    accounting: Accounting = Accounting.UP,
    lucky: int | None = None,
    **more: object,
) -> None:
    """Runs the machine with these rules and troubles. Raises AssertionError when it finds something."""
    bench = machine.bench_type
    facts = {
        **{name: _no_rule(name) for name in RULES - {*rules}},
        "bench_type": type(
            "ThisBench", (bench,), {"store_type": store, "site_type": site or bench.site_type}
        ),
        "records": (accounting,),
        "troubles": st.sampled_from(troubles) if troubles else Engine.troubles,
        **more,
    }
    hunt(type("ThisEngine", (machine,), facts), HUNT, lucky)


def _always(pause: float) -> Callable[[Engine, float], None]:
    return lambda self, after: Engine.pass_time(self, pause)


def _no_rule(name: str) -> Callable[..., None]:
    # A function of its own: the rule's mark is on the one that it calls.
    return lambda self, *given, **named: getattr(Engine, name)(self, *given, **named)  # noqa: PLW0108


def test_a_new_stamp_after_a_lost_answer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hosted_ce.engine.sender.doubted", again)
    with pytest.raises(AssertionError):
        find({"work"}, ("submit", Fault.LOST_REPLY))


def test_calling_the_absent_completed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(
        pilot: Pilot, evidence: Evidence, policy: Policy, now: float, *, array: Array | None
    ) -> Change | None:
        return ended(pilot, None, replace(evidence.job, exit_code=0), now)

    monkeypatch.setattr("hosted_ce.engine.observe.unseen", bug)
    with pytest.raises(AssertionError):
        find({"work"}, ("list", Fault.EMPTY), lucky=2)


def test_impatience_with_a_slow_submit_command_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(pilot: Pilot, proof: Evidence, policy: Policy, now: float, *, absent: bool) -> Change | None:
        return settled(pilot, proof, replace(policy, answer_grace=0.0), now, absent=absent)

    monkeypatch.setattr("hosted_ce.engine.observe.settled", bug)
    with pytest.raises(AssertionError):
        find({"work"}, ("submit", Fault.SLOW))


DOWN_YET_TAKEN, SQUEUE_DOWN = ("submit", Fault.TRANSIENT_YET_TAKEN), ("list", Fault.COMMAND_FAILED)


def test_taking_any_listing_for_a_complete_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(pilot: Pilot, proof: Evidence, policy: Policy, now: float, *, absent: bool) -> Change | None:
        return settled(pilot, proof, policy, now, absent=True)

    monkeypatch.setattr("hosted_ce.engine.observe.settled", bug)
    with pytest.raises(AssertionError):
        find({"work"}, DOWN_YET_TAKEN, SQUEUE_DOWN, accounting=Accounting.DOWN, lucky=11)


class Careless(PilotStore):
    """Writes whatever it is given, however old."""

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        now = [replace(change, pilot=await self._newest(change.pilot)) for change in changes]
        return await super().apply(now)

    async def _newest(self, pilot: Pilot) -> Pilot:
        found = await self.get(pilot.id)
        assert found
        return replace(pilot, version=found.version, attempt=found.attempt)


def test_writing_outdated_changes_is_found() -> None:
    """EN5: a late answer, or a late listing, overwrites what is newer."""
    with pytest.raises(AssertionError):
        find({"work", "hold_a_submission"}, ("remove", Fault.NOT_RUN), store=Careless, lucky=12)


class Claimless(FakeCluster):
    """Its agent submits whatever it gets, however often."""

    def _take(self, sent: Late, fault: Fault | None) -> Folder:
        self.folders.pop(sent.stamp, None)
        return super()._take(sent, fault)


def test_submitting_a_stamp_twice_is_found() -> None:
    with pytest.raises((AssertionError, ValueError)):  # ValueError: one stamp, two jobs
        find({"work", "hold_a_submission", "restart"}, site=Claimless, lucky=36)


class Limitless(PilotStore):
    """Counts nobody."""

    async def occupancy(self) -> Occupancy:
        return Occupancy()


def test_routing_without_counting_is_found() -> None:
    with pytest.raises(AssertionError):
        find({"work", "add"}, store=Limitless)


def test_believing_an_emptied_spool_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hosted_ce.engine.spool.SpoolGuard.covers", lambda self, pilot: True)
    with pytest.raises((AssertionError, ValueError)):  # one stamp, two jobs
        find(
            {"work", "wipe_the_spool", "accept_the_spool"},
            ("submit", Fault.LEDGER_LOST),
            ("list", Fault.EMPTY),
        )


class Trusting(FakeCluster):
    """Its agent claims a stamp in whichever spool there is."""

    def _refuse_elsewhere(self, mark: str | None) -> None:
        """Never."""


def test_a_request_that_is_heeded_in_another_spool_is_found() -> None:
    """SS16: it was on its way when the spool was emptied, and its stamp had been submitted before."""
    with pytest.raises((AssertionError, ValueError)):  # one stamp, two jobs
        find(
            {"work", "wipe_the_spool_before_a_request_arrives"},
            ("submit", Fault.LATE_REQUEST),
            site=Trusting,
            lucky=4,
            later=st.just(2000.0),
        )


class Patient(FakeCluster):
    """Its agent heeds a request however late it comes."""

    def _refuse_late(self, sent_at: float) -> None:
        """Never."""


def test_a_request_that_is_heeded_when_its_pilot_was_given_up_is_found() -> None:
    with pytest.raises((AssertionError, ValueError)):
        find(
            {"work"},
            ("submit", Fault.LATE_REQUEST),
            site=Patient,
            pass_time=_always(400.0),
            later=st.just(2000.0),
        )
