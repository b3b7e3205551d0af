"""The operations of the child program, with a schedd in memory and HTCondor's own ClassAds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.intake.condor import child
from hosted_ce.intake.condor.edits import Edit, Order
from hosted_ce.intake.condor.process import ChildProcess, QueueUnavailable
from hosted_ce.intake.condor.queue import CondorQueue, child_of
from tests.fakes.clock import Clock
from tests.fakes.schedd import IDLE, InProcess, Schedd, lost

import htcondor2  # isort: skip
import classad2  # isort: skip


@pytest.fixture
def schedd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Schedd]:
    """With three jobs."""
    made = Schedd(Clock(), tmp_path)
    for number in range(3):
        made.submit({"Number": number}, {})
    monkeypatch.setattr(child, "_schedd", lambda: made)
    return made


def value(schedd: Schedd, job: str, attribute: str) -> Any:
    return schedd.jobs[job].ad.get(attribute)


def call(
    attribute: str, value: str, *, jobs: tuple[str, ...] = (), constraint: str | None = None
) -> dict[str, Any]:
    return {"jobs": list(jobs), "constraint": constraint, "attribute": attribute, "value": value}


def test_a_query_gives_plain_values(schedd: Schedd) -> None:
    assert child.query("Number == 1", ["Number", "JobStatus", "Nothing"], -1) == [
        {"Number": 1, "JobStatus": IDLE}
    ]
    assert len(child.query("true", ["Number"], 2)) == 2
    assert child.query("Nothing > 1", [], -1) == []


def test_expressions_are_evaluated_and_what_is_no_plain_value_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ad = classad2.ClassAd(
        '[A = 6 * 7; B = strcat("a", "b"); C = undefined; D = error; E = {1, 2}; F = [x = 1]; G = "a\\377";'
        " H = G; I = true; J = 0.5; K = time() > 0; L = nothing; M = unknown()]"
    )

    class One:
        def query(self, constraint: str, projection: list[str], limit: int) -> list[Any]:
            return [ad]

    monkeypatch.setattr(child, "_schedd", One)
    [found] = child.query("true", [], -1)
    assert found == {"A": 42, "B": "ab", "I": True, "J": 0.5, "K": True}
    json.dumps(found)


def test_an_edit_of_several_jobs(schedd: Schedd) -> None:
    assert child.edit([call("X", "5", jobs=("1.0", "3.0")), call("Y", '"a"', constraint="Number < 2")]) == 4
    assert [value(schedd, job, "X") for job in ("1.0", "2.0", "3.0")] == [5, None, 5]
    assert [value(schedd, job, "Y") for job in ("1.0", "2.0", "3.0")] == ["a", "a", None]


def test_a_job_that_is_gone_does_not_keep_the_others(schedd: Schedd) -> None:
    schedd.remove_by_force("2.0")
    assert child.edit([call("X", "5", jobs=("1.0", "2.0", "3.0"))]) == 2
    assert value(schedd, "3.0", "X") == 5
    assert child.edit([call("X", "6", jobs=("2.0",))]) == 0


def test_a_constraint_that_selects_nothing_is_no_error(schedd: Schedd) -> None:
    assert child.edit([call("X", "5", constraint="false")]) == 0


def test_a_refusal_is_an_error_and_the_calls_before_it_stay(schedd: Schedd) -> None:
    calls = [
        call("X", "5", jobs=("1.0",)),
        call("Owner", '"me"', jobs=("1.0",)),
        call("Y", "5", jobs=("1.0",)),
    ]
    answer = child.answer({"operation": "edit", "arguments": {"calls": calls}})
    assert answer == {
        "refused": "HTCondorException: Unable to commit transaction:Attempt to edit immutable attribute Owner"
    }
    assert (value(schedd, "1.0", "X"), value(schedd, "1.0", "Y")) == (5, None)


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("Unable to commit transaction:Changing JobStatus of removed job 1.0 to 1 is invalid", True),
        ("Unable to commit transaction: no", True),
        ("Unable to commit transaction:", False),
        ("Unable to commit transaction: ", False),
        ("Failed to connect to schedd.", False),
        ("Unable to edit job", False),
        ("Failed to fetch ads from schedd, errmsg=", False),
    ],
)
def test_a_schedd_that_is_away_refuses_nothing(
    monkeypatch: pytest.MonkeyPatch, words: str, refused: bool
) -> None:
    class Away:
        def edit(self, *_: object) -> int:
            raise htcondor2.HTCondorException(words)

    monkeypatch.setattr(child, "_schedd", Away)
    answer = child.answer({"operation": "edit", "arguments": {"calls": [call("X", "5", jobs=("1.0",))]}})
    assert answer == {"refused" if refused else "error": f"HTCondorException: {words}"}


def test_removal_is_by_constraint(schedd: Schedd) -> None:
    assert child.remove("Number == 1 && JobStatus == 5") == 0
    schedd.jobs["2.0"].ad["Managed"] = "External"
    assert child.remove("Number >= 1") == 2
    assert [job.status for job in schedd.jobs.values()] == [1, 3]


def test_an_operation_that_there_is_not_is_an_error() -> None:
    assert "KeyError" in child.answer({"operation": "x", "arguments": {}})["error"]


async def test_the_queue_makes_its_edits_in_order_and_counts_the_calls(schedd: Schedd) -> None:
    queue = CondorQueue(InProcess(schedd))
    edits = [
        Edit("1.0", "JobStatus", 2, Order.STATUS, "JobStatus == 1"),
        Edit("2.0", "JobStatus", 2, Order.STATUS, "JobStatus == 1"),
        Edit("1.0", "Node", 'a "b"', Order.FACTS),
    ]
    assert await queue.edit(edits) == 2
    assert schedd.calls == 2
    assert (value(schedd, "1.0", "Node"), value(schedd, "2.0", "JobStatus")) == ('a "b"', 2)
    assert await queue.edit([]) == 0
    assert await queue.set_all("Number == 2", "X", '"y"') == 1
    assert [ad["ClusterId"] for ad in await queue.select("JobStatus == 2", ["ClusterId"])] == [1, 2]
    await queue.remove("ClusterId == 1")
    assert set(schedd.jobs) == {"2.0", "3.0"}
    await queue.close()


async def test_a_lost_connection_is_told_and_what_was_done_stays(schedd: Schedd) -> None:
    queue = CondorQueue(InProcess(schedd))
    schedd.plan(1, lost)
    with pytest.raises(QueueUnavailable, match="Unable to edit job"):
        await queue.edit([Edit("1.0", "A", 1), Edit("1.0", "B", 1), Edit("1.0", "C", 1)])
    assert [value(schedd, "1.0", name) for name in "ABC"] == [1, None, None]
    schedd.plan(0, lost, replying=True)
    with pytest.raises(QueueUnavailable):
        await queue.edit([Edit("1.0", "B", 1)])
    assert value(schedd, "1.0", "B") == 1


async def test_the_real_program_answers_although_there_is_no_schedd(tmp_path: Path) -> None:
    """A real process with HTCondor's library: its words come as an error, not as noise between the frames."""
    config = tmp_path / "condor_config"
    config.write_text(f"COLLECTOR_HOST = 127.0.0.1:1\nLOCAL_DIR = {tmp_path}\nLOG = {tmp_path}\n")
    process: ChildProcess = child_of(config)
    try:
        with pytest.raises(QueueUnavailable, match="did not answer about: "):
            await process.call("about", 20)
        pid = process.pid
        with pytest.raises(QueueUnavailable, match="did not answer query: "):
            await CondorQueue(process).select("true")
        assert process.pid == pid
    finally:
        await process.close()


@pytest.mark.parametrize("checksum", [("0",), ()], ids=["another", "none: of before there were any"])
async def test_a_child_of_another_version_does_nothing_and_says_what_to_do(checksum: tuple[str, ...]) -> None:
    """A child that hung is killed, and the next one is begun from files that may have been replaced."""
    other = ChildProcess({}, (sys.executable, "-P", "-m", child.__name__, *checksum))
    try:
        with pytest.raises(QueueUnavailable, match="upgraded on disk since it started: restart it"):
            await other.call("about", 60)
    finally:
        await other.close()
