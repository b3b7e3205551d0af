"""A server without its scheduler starts nothing: by what a real OpenPBS answers (recording 21)."""

from __future__ import annotations

import pytest
from pbs_recordings import OPENPBS, answer

from bosco.batch.facts import BatchFacts
from bosco.batch.model import CommandResult
from bosco.batch.pbs.codec import Pbs
from bosco.batch.pbs.schedulers import unserved
from tests.fakes.dialogue import conversation, told

SCHEDULERS = "qmgr -c 'list sched'"
WELL, HANGS, KILLED = range(3)
"""The first of two schedulers. The second one was never started; the queue `other` is its own."""
TWO_QUEUES = answer(OPENPBS, "qstat -Q -f", 11)
ONE_QUEUE = answer(OPENPBS, "qstat -Q -f")
SERVER, NODES = answer(OPENPBS, "qstat -B -f"), answer(OPENPBS, "pbsnodes -a")
VERSION = CommandResult(0, b"pbs_version = 23.06.06\n")
DOWN = "the scheduler default is down: pbs_sched"


def probed(queues: CommandResult, schedulers: CommandResult) -> BatchFacts:
    return told(Pbs().probe("osg01"), VERSION, SERVER, queues, NODES, schedulers)


@pytest.mark.parametrize("nth", [WELL, HANGS])
def test_a_scheduler_that_is_there_is_no_problem(nth: int) -> None:
    found = probed(ONE_QUEUE, answer(OPENPBS, SCHEDULERS, nth))
    assert found.problems == ()
    assert [queue.open for queue in found.queues or ()] == [True]


def test_without_its_only_scheduler_nothing_is_started() -> None:
    found = probed(ONE_QUEUE, answer(OPENPBS, SCHEDULERS, KILLED))
    assert found.problems == (f"nothing is started: {DOWN}",)
    assert [queue.open for queue in found.queues or ()] == [True], "one problem is said once"


def test_a_queue_of_a_scheduler_that_is_down_is_closed_and_no_other() -> None:
    told = TWO_QUEUES.stdout.replace(
        b"    partition", b"    enabled = True\n    started = True\n    partition"
    )
    found = probed(CommandResult(0, told), answer(OPENPBS, SCHEDULERS, WELL))
    queues = {queue.name: (queue.open, queue.why) for queue in found.queues or ()}
    assert found.problems == ()
    assert queues["workq"] == (True, None)
    assert queues["other"] == (False, "the scheduler second is down: pbs_sched")


def test_a_queue_of_which_it_is_not_said_is_not_enabled() -> None:
    """Whoever makes a queue has to enable and to start it: until then PBS lists neither."""
    found = probed(TWO_QUEUES, answer(OPENPBS, SCHEDULERS, WELL))
    queues = {queue.name: (queue.open, queue.why) for queue in found.queues or ()}
    assert queues["away"] == (False, "enabled = False, its default, started = False, its default")


def test_two_schedulers_that_are_down() -> None:
    found = probed(TWO_QUEUES, answer(OPENPBS, SCHEDULERS, KILLED))
    second = "nothing is started: the scheduler second is down: pbs_sched"
    assert found.problems == (f"nothing is started: {DOWN}", second)


@pytest.mark.parametrize(
    "refused",
    [
        CommandResult(127, b"", b"qmgr: command not found"),
        CommandResult(1, b"Sched default\n    state = down\n", b""),
        CommandResult(0, b"Sched default\n    state = down\n", complete=False),
        CommandResult(0, b""),
    ],
)
def test_without_a_whole_answer_nothing_is_said(refused: CommandResult) -> None:
    found = probed(ONE_QUEUE, refused)
    assert (found.problems, found.failed) == ((), ())


def test_an_agent_that_was_installed_earlier_need_not_know_the_command() -> None:
    asked, _ = conversation(Pbs().probe("osg01"), VERSION, SERVER, ONE_QUEUE, NODES, CommandResult(126, b""))
    assert [command.argv[0] for command in asked if command.optional] == ["qmgr"]


def test_a_scheduler_may_have_several_partitions() -> None:
    listed = CommandResult(0, b"Sched s1\n    partition = p1,p2\n    state = down\n\n")
    rows = [{"Queue": name, "queue_type": "Execution", "partition": name} for name in ("p1", "p2", "p3")]
    assert unserved(listed, rows).keys() == {"p1", "p2"}


def test_torque_is_not_asked_for_what_it_has_not() -> None:
    torque = CommandResult(0, b"", b"Version: 6.1.3\n")
    nothing = CommandResult(0, b"")
    asked, _ = conversation(Pbs().probe("osg01"), torque, SERVER, ONE_QUEUE, NODES, nothing)
    assert "qmgr" not in {command.argv[0] for command in asked}
