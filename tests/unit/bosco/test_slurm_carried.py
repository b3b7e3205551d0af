"""Slurm's codec where nodes do not see the spool: what is asked, and when."""

from __future__ import annotations

import pytest

from bosco.batch.model import BatchRequest, CommandResult, InputFile, Phase
from bosco.batch.slurm.carried import LARGEST, porter
from bosco.batch.slurm.codec import LISTED, SEPARATOR, Slurm
from tests.fakes.dialogue import conversation, told

STAMP = "haaaaaaaaaaaaaa"
SLURM = Slurm(shared_home=False)


def listed(state: str, stamp: str = STAMP) -> CommandResult:
    """One job."""
    fields = ["7", stamp, state, "None", "1795680020", "N/A", "1795680020", "0", "node01", "cpu=1", "1:00:00"]
    fields += ["batch", "osg", "normal"]
    assert len(fields) == len(LISTED)
    return CommandResult(0, SEPARATOR.join([*fields, "\n"]).encode())


def request(walltime_s: int = 600) -> BatchRequest:
    inputs = (InputFile("pilot.sh", "0" * 64), InputFile("token", "1" * 64))
    return BatchRequest(STAMP, "pilot.sh", inputs, walltime_s, credentials=("token",))


def test_somebody_comes_for_what_running_jobs_have_to_carry() -> None:
    asked, listing = conversation(SLURM.listing("osg01"), listed("RUNNING"), CommandResult(0, b""))
    assert asked[1] == porter("osg01")
    assert (listing.complete, listing.problem) == (True, None)
    assert [job.phase for job in listing.observations] == [Phase.RUNNING]


@pytest.mark.parametrize(
    "answer",
    [listed("PENDING"), listed("COMPLETED"), listed("RUNNING", "their-job"), CommandResult(1, b"", b"away")],
)
def test_nobody_goes_where_none_of_ours_runs(answer: CommandResult) -> None:
    told(SLURM.listing("osg01"), answer)


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (CommandResult(0, b"", b"one\ntwo\n"), "one (and 1 more such lines)"),
        (CommandResult(0, b"", b"one\n"), "one"),
        (CommandResult(127, b"", b""), "exit code 127"),
        (CommandResult(-9, b"", b"", complete=False), "no answer in time"),
    ],
)
def test_trouble_on_the_way_is_told_and_the_listing_is_as_good(result: CommandResult, problem: str) -> None:
    listing = told(SLURM.listing("osg01"), listed("RUNNING"), result)
    assert listing.complete
    assert listing.problem
    assert problem in listing.problem


def test_nothing_on_the_node_is_named_after_the_login_node() -> None:
    submission = SLURM.submission(request(7200), "/home/osg01/hosted-ce/pilots/" + STAMP)
    script = submission.files["job.sh"].decode()
    assert "/home/osg01" not in script
    assert {"#SBATCH --chdir=/", "#SBATCH --output=/dev/null", "#SBATCH --signal=B:TERM@240"} <= set(
        script.splitlines()
    )
    assert submission.enclosing
    assert (submission.enclosing.names, submission.enclosing.largest) == (("job.sh",), LARGEST)


def test_what_carries_is_a_tool_that_a_probe_looks_for() -> None:
    assert set(SLURM.tools) - set(Slurm().tools) == {"srun"}


def test_a_shared_home_has_none_of_this() -> None:
    submission = Slurm().submission(request(), "/home/osg01/hosted-ce/pilots/" + STAMP)
    assert submission.enclosing is None
    told(Slurm().listing("osg01"), listed("RUNNING"))
