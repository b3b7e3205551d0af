"""How Slurm is doing, and submissions that are tried: by what Slurm 22.05 answers."""

from __future__ import annotations

import pytest

from bosco.batch.condition import Nodes
from bosco.batch.inspections import condition_of, rehearsal_of
from bosco.batch.lsf.codec import Lsf
from bosco.batch.model import BatchRequest, CommandResult
from bosco.batch.sge.codec import GridEngine
from bosco.batch.slurm.codec import Slurm
from bosco.batch.slurm.condition import condition
from tests.fakes.dialogue import conversation, told

REQUEST = BatchRequest(
    stamp="hq3vz5xk2m7wdae", executable="pilot.sh", inputs=(), walltime_s=7200, cpus=8, queue="batch",
    extra=("--licenses='a b:1'",),
)  # fmt: skip
CONFIG = CommandResult(0, b"KillWait                = 30 sec\nMinJobAge               = 300 sec\n")


def _of(names: bytes, states: bytes) -> tuple[CommandResult, ...]:
    return CommandResult(0, names), CommandResult(0, states), CONFIG


def test_jobs_that_no_ce_has_named_and_nodes_by_state() -> None:
    names = b"hq3vz5xk2m7wdae\nbash\nmy analysis\n"
    batch = b"batch|idle|n1\nbatch|down*|n2\nbatch|drained|n3\nbatch|drained|n4\nbatch|idle~|n5\n"
    states = batch + b"short|mixed#|n1\n"
    found = told(condition(Slurm(), "osg01"), *_of(names, states))
    assert found.other_jobs == ("bash", "my analysis")
    assert found.nodes == {
        "batch": Nodes(5, 2, {"down*": 1, "drained": 2}, ("n1", "n5")), "short": Nodes(1, 1, {}, ("n1",))
    }  # fmt: skip
    assert found.kill_wait_s == 30
    assert found.unknown == {}


def test_an_idle_node_that_does_not_answer_does_not_work() -> None:
    assert told(condition(Slurm(), "osg01"), *_of(b"", b"batch|idle*|n1\n")).nodes == {
        "batch": Nodes(1, 0, {"idle*": 1})
    }


def test_what_does_not_answer_is_not_known() -> None:
    away = CommandResult(1, b"", b"slurm_load_partitions: Unable to contact slurm controller")
    found = told(condition(Slurm(), "osg01"), away, away, away)
    assert (found.other_jobs, found.nodes, found.kill_wait_s) == (None, None, None)
    assert set(found.unknown) == {"other_jobs", "nodes", "kill_wait_s"}


def test_a_submission_is_tried_with_the_options_of_a_real_one() -> None:
    answer = CommandResult(
        0, b"", b"sbatch: Job 7 to start at 2026-03-01T12:00:00 using 8 processors on n1\n"
    )
    (command,), found = conversation(rehearsal_of(Slurm(), REQUEST), answer)
    assert command.argv[:2] == ("sbatch", "--test-only")
    assert {"--partition=batch", "--cpus-per-task=8", "--time=120", "--licenses=a b:1"} <= set(command.argv)
    assert not any(word.startswith(("--chdir", "--output")) for word in command.argv)
    assert found.taken is True
    assert found.starts_at == 1772366400.0, "2026-03-01T12:00:00 UTC"


@pytest.mark.parametrize(
    ("stderr", "taken", "said"),
    [
        (
            b"allocation failure: Invalid partition name specified\n",
            False,
            "Invalid partition name specified",
        ),
        (
            b"sbatch: error: Invalid --mem specification\n",
            False,
            "sbatch: error: Invalid --mem specification",
        ),
        (b"sbatch: unrecognized option '--test-only'\n", None, "does not know --test-only"),
        (
            b"sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
            None,
            "Socket",
        ),
    ],
)
def test_a_refusal_is_told_from_a_controller_in_trouble(stderr: bytes, taken: bool | None, said: str) -> None:
    found = told(rehearsal_of(Slurm(), REQUEST), CommandResult(1, b"", stderr))
    assert found.taken is taken
    assert said in found.said


def test_an_answer_that_was_cut_tells_nothing() -> None:
    assert told(rehearsal_of(Slurm(), REQUEST), CommandResult(0, b"", b"", complete=False)).taken is None


@pytest.mark.parametrize(
    ("stdout", "code", "taken"),
    [
        (b"verification: found suitable queue(s)\n", 0, True),
        (b"Unable to run job: error: no suitable queues.\nExiting.\n", 1, False),
        (b"error: commlib error: got select error (Connection refused)\n", 1, None),
    ],
)
def test_grid_engine_verifies(stdout: bytes, code: int, taken: bool | None) -> None:
    (command,), found = conversation(
        rehearsal_of(GridEngine(), BatchRequest("hq3vz5xk2m7wdae", "pilot.sh", (), 60)),
        CommandResult(code, stdout),
    )
    assert command.argv[:3] == ("qsub", "-w", "v")
    assert command.argv[-3:] == ("-b", "y", "/bin/true")
    assert found.taken is taken


def test_a_batch_system_that_is_not_asked_says_so() -> None:
    found = told(condition_of(Lsf(), "osg01"))
    assert found.nodes is None
    assert set(found.unknown) == {"other_jobs", "nodes", "kill_wait_s"}
    assert told(rehearsal_of(Lsf(), REQUEST)).taken is None
