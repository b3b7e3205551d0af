"""Whether Torque starts jobs at all: by the answers of a real one, to which jobs that wait were added."""

from __future__ import annotations

import re

import pytest
from pbs_recordings import TORQUE, answer

from bosco.batch.model import CommandResult
from bosco.batch.pbs.codec import Pbs
from tests.fakes.dialogue import conversation

JOB = """\
Job Id: {number}.torque1
    Job_Name = hqaaaaaaaaaaaaa
    Job_Owner = {owner}@torque1
    job_state = {state}
    queue = batch
    etime = Fri Nov 27 08:{minute}:00 2026
"""
"""It waits since this minute; the node of the recording told of itself at 08:23:07."""


def probed(
    *jobs: str, counts: str = "Queued:1 Held:0 Waiting:0 Running:0 Exiting:0", **changed: str
) -> tuple[str, ...]:
    """The problems of a site whose only node that works is free, with `changed` values of its attributes."""
    queues = answer(TORQUE, "qstat -Q -f").stdout.decode()
    queues = re.sub(r"Queued:0 Held:0 Waiting:0 Running:0 Exiting:0", counts, queues)
    nodes = re.sub(r" +jobs = .*\n", "", answer(TORQUE, "pbsnodes -a").stdout.decode())
    for name, value in changed.items():
        queues = re.sub(rf"\b{name} = .*", f"{name} = {value}", queues)
        nodes = re.sub(rf"\b{name}( ?= ?)(free|\d+)", rf"{name}\g<1>{value}", nodes)
    answers = [
        answer(TORQUE, "qstat --version"), answer(TORQUE, "qstat -B -f"),
        CommandResult(0, queues.encode()), CommandResult(0, nodes.encode()),
    ]  # fmt: skip
    if jobs:
        answers.append(CommandResult(0, "\n".join(jobs).encode()))
    asked, facts = conversation(Pbs("torque").probe("osg01"), *answers)
    assert ("-1" in asked[-1].argv) == bool(jobs)
    return facts.problems


def job(
    minute: str = "20", *, number: int = 1, owner: str = "osg01", state: str = "Q", comment: str = ""
) -> str:
    told = JOB.format(number=number, owner=owner, state=state, minute=minute)
    return told + (f"    comment = {comment}\n" if comment else "")


def test_jobs_wait_without_a_word_while_nodes_are_free() -> None:
    assert probed(job("20"), job("13", number=2)) == (
        "nothing is started: jobs of the account wait for 10 min without a word why (2), no job runs, and "
        "nodes are free (1): does the scheduler run (pbs_sched, Maui, Moab)?",
    )  # fmt: skip


@pytest.mark.parametrize(
    "waiting",
    [
        job("22"),
        job(comment="Not Running: No nodes have the features"),
        job(owner="somebody"),
        job(state="H"),
        job(state="W"),
    ],
    ids=["since a minute", "the scheduler said why", "somebody else's", "held", "for later"],
)
def test_a_job_that_says_nothing_of_the_scheduler(waiting: str) -> None:
    assert probed(waiting) == ()


@pytest.mark.parametrize(
    "counts",
    [
        "Queued:0 Held:0 Waiting:0 Running:0 Exiting:0",
        "Queued:1 Held:0 Waiting:0 Running:1 Exiting:0",
        "Queued:1 Held:0 Waiting:0 Running:0 Exiting:1",
    ],
)
def test_jobs_are_not_asked_for_where_none_waits_or_one_runs(counts: str) -> None:
    assert probed(counts=counts) == ()


def test_jobs_are_not_asked_for_where_they_cannot_be_started_anyhow() -> None:
    assert probed(started="False") == ()
    assert probed(state="down") == ()
    assert probed(np="8\n     jobs = 0/7.torque1") == (), (
        "a job that is gone from the queues still has the node"
    )


def test_nobody_waits_by_a_clock_that_is_not_told() -> None:
    assert probed(job(), rectime="never") == ()
