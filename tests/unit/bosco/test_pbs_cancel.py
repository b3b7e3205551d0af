"""What the PBS codec makes of qdel and qsig."""

from __future__ import annotations

from pathlib import Path

import pytest
from pbs_recordings import OPENPBS, TORQUE, answer

from bosco.batch.model import CommandResult
from bosco.batch.pbs.codec import Pbs
from bosco.errors import Failed
from tests.fakes.dialogue import conversation

PBS, OPEN, TORQ = Pbs(), Pbs("openpbs"), Pbs("torque")
NOTHING = CommandResult(0, b"")
UNKNOWN = CommandResult(153, b"", b"qstat: Unknown Job Id 1.pbs1\n")


def cancelled(*results: CommandResult, gentle: bool = False, jobs: int = 2) -> list[str]:
    ids = [f"{number}.pbs1" for number in range(1, jobs + 1)]
    asked, _ = conversation(PBS.cancel(ids, gentle=gentle), *results)
    return list(asked[0].argv)


def test_cancelling_is_one_command() -> None:
    assert cancelled(NOTHING) == ["qdel", "1.pbs1", "2.pbs1"]
    assert cancelled(NOTHING, gentle=True) == ["qsig", "-s", "SIGURG", "1.pbs1", "2.pbs1"]


@pytest.mark.parametrize(
    ("folder", "command", "nth"),
    [
        (OPENPBS, "qdel 9999", 0),
        (OPENPBS, "qdel 1", 0),
        (OPENPBS, "qdel 3", 0),
        (OPENPBS, "qdel 4 9999 5", 0),
        (TORQUE, "qdel 9999", 0),
        (TORQUE, "qdel 1.torque1", 0),
        (TORQUE, "qdel 3.torque1", 0),
        (TORQUE, "qdel 4.torque1 9999 6.torque1", 0),
        (TORQUE, "qdel 1073.torque1", 0),
    ],
)
def test_jobs_that_are_gone_are_no_failure(folder: Path, command: str, nth: int) -> None:
    result = answer(folder, command, nth)
    assert result.exit_code != 0
    cancelled(result)


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        (OPENPBS, "qdel 59"),
        (OPENPBS, "qdel 1446.pbs1"),
        (OPENPBS, "qdel bogus"),
        (OPENPBS, "qdel 59.pbs1"),
        (TORQUE, "qdel 59"),
        (TORQUE, "qdel 1075.torque1"),
        (TORQUE, "qdel 72.torque1"),
        (TORQUE, "qdel 1"),
    ],
)
def test_a_request_that_was_not_taken_is_a_failure(folder: Path, command: str) -> None:
    with pytest.raises(Failed):
        cancelled(answer(folder, command), jobs=1)


@pytest.mark.parametrize("gentle", [False, True])
def test_a_job_whose_node_is_away_is_no_failure_of_the_others(gentle: bool) -> None:
    """Else a dead node would have all who are to be removed with it cancelled without grace."""
    command = "qsig -s SIGURG 1.torque1 2.torque1" if gentle else "qdel 1.torque1 2.torque1"
    some = answer(TORQUE, command)
    assert some.exit_code != 0
    assert b"Server could not connect to MOM 1.torque1" in some.stderr
    cancelled(some, gentle=gentle)


def test_silence_with_an_exit_code_or_a_command_that_was_ended_is_a_failure() -> None:
    for result in (CommandResult(222, b""), CommandResult(-9, b"", b"", complete=False)):
        with pytest.raises(Failed):
            cancelled(result)


def test_asking_gently_where_nothing_runs_is_no_failure() -> None:
    cancelled(CommandResult(170, b"", b"qsig: Request invalid for state of job 1.pbs1\n"), gentle=True)
