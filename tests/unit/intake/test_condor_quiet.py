"""The schedd is not asked while its log says that nothing has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.intake.condor.quiet import LONGEST_S, mark_of
from hosted_ce.pilots.states import State
from tests.fakes.bench import stamp_of
from tests.fakes.door import DoorBench, running
from tests.fakes.schedd import COMPLETED, lost


@pytest.fixture
async def quiet(ce: DoorBench) -> DoorBench:
    """A door with a pilot that runs, whose schedd writes nothing."""
    await running(ce)
    ce.mark = (1,)
    await ce.look(2)
    return ce


async def calls_of(ce: DoorBench, looks: int) -> int:
    """Calls of the schedd during so many looks, a second apart."""
    before = ce.schedd.calls
    await ce.look(looks)
    return ce.schedd.calls - before


async def test_a_log_that_does_not_grow_is_asked_about_every_few_seconds(quiet: DoorBench) -> None:
    assert await calls_of(quiet, 4 * int(LONGEST_S)) == 4


async def test_a_pilot_is_taken_at_the_first_look_after_the_log_has_grown(quiet: DoorBench) -> None:
    sent = quiet.send()
    await quiet.look()
    assert sent.key not in {known.job.key for known in quiet.door.jobs}
    quiet.mark = (2,)
    await quiet.look()
    assert await quiet.of(sent)


async def test_a_log_that_says_nothing_costs_a_pilot_a_few_seconds_at_most(quiet: DoorBench) -> None:
    sent = quiet.send()
    await quiet.look(int(LONGEST_S))
    assert await quiet.of(sent)


async def test_what_was_wanted_is_asked_for_again_even_if_the_log_is_the_same(quiet: DoorBench) -> None:
    sent = quiet.send()
    quiet.mark = (2,)
    quiet.schedd.plan(1, lost)  # asked, and the claim is lost on its way
    await quiet.look(2)
    assert await quiet.of(sent)


async def test_changes_of_pilots_are_told_while_the_log_is_quiet(quiet: DoorBench) -> None:
    (known,) = quiet.door.jobs
    quiet.site.finish(stamp_of(known.pilot), 0, stdout=b"bye")
    await quiet.rounds(1, after=30.0)
    await quiet.look(2)
    assert (await quiet.pilot(known.pilot.id)).state is State.COMPLETED
    assert quiet.schedd.jobs[known.job.id].status == COMPLETED


async def test_a_log_that_cannot_be_looked_at_is_no_reason_to_be_quiet(quiet: DoorBench) -> None:
    quiet.mark = None
    assert await calls_of(quiet, 10) == 10


def test_the_mark_changes_with_the_file(tmp_path: Path) -> None:
    log = tmp_path / "job_queue.log"
    assert mark_of(log) is None
    log.write_text("105 \n")
    first = mark_of(log)
    assert first is not None
    assert mark_of(log) == first
    with log.open("a") as more:
        more.write("106 \n")
    assert mark_of(log) != first
    grown = mark_of(log)
    (tmp_path / "new").write_text(log.read_text())
    (tmp_path / "new").replace(log)  # as the schedd compacts it
    assert mark_of(log) != grown
