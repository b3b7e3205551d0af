"""The engine where pilots share job arrays, against everything that a site may do, in any order."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from bosco.batch.model import JobRecord, Listing
from bosco.batch.model import Phase as JobPhase
from hosted_ce.engine.array_left import Array, array_of_waiting
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import Stage
from tests.fakes.arrays import WarmBench
from tests.fakes.faults import Fault
from tests.fakes.machine import PILOTS, Engine
from tests.fakes.postgresql import Server
from tests.property.test_engine_model import BOUNDED, find

pytestmark = pytest.mark.timeout(600)  # it searches, and on a busy machine for long


class Ready(WarmBench):
    """Two pilots of this route that come together share an array."""

    warm = "big"


class Together(Engine):
    """The same rules."""

    bench_type = Ready


class Arrays(Together):
    """And one more."""

    @rule(which=st.integers(min_value=0, max_value=PILOTS))
    def cancel_one_that_waits(self, which: int) -> None:
        """An administrator does. Of a task nothing is left then, as if it had never been."""
        queued = {p.stamps[-1] for p in self.truth.pilots().values() if p.stage is Stage.QUEUED}
        jobs = [job for job in self._alive() if job.now.phase is JobPhase.PENDING and job.now.stamp in queued]
        if jobs:
            job = jobs[which % len(jobs)].now
            self.site.batch.cancel(job.batch_id)
            self.killed.add(job.stamp)


def test_no_pilot_of_an_array_is_lost_doubled_or_called_what_it_is_not(
    database_server: Server | None,
) -> None:
    here = type("Here", (Arrays,), {"server": database_server})
    run_state_machine_as_test(here, settings=settings(BOUNDED, max_examples=15))


class Two(Together):
    """Two pilots, whose jobs begin and then end or vanish."""

    @initialize()
    def begin(self) -> None:  # type: ignore[override]
        for _ in range(2):
            self.add(8)

    @rule(which=st.integers(min_value=0, max_value=1), event=st.sampled_from(["finish", "vanish"]))
    def happen(self, which: int, event: str) -> None:
        super().happen(which, event)


def test_calling_one_cancelled_that_had_begun_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(pilot: Pilot, record: JobRecord, listing: Listing, records: Listing) -> Array:
        return array_of_waiting(pilot, JobRecord(), listing, records)

    monkeypatch.setattr("hosted_ce.engine.observe.array_of_waiting", bug)
    with pytest.raises(AssertionError, match="removed, and nobody had asked for it"):
        find({"work", "happen"}, ("list", Fault.NOT_RUN), machine=Two, lucky=8)
