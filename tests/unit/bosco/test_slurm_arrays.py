"""Slurm's job arrays: the script of one, and what rows of squeue and sacct (22.05's) say of its tasks."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from confined import PLAIN, guard
from hypothesis import given, settings
from hypothesis import strategies as st

from bosco import together
from bosco.agent.array import LOOKS
from bosco.agent.spool import Refused
from bosco.batch.cksum import cksum
from bosco.batch.model import CommandResult, Listing, Phase
from bosco.batch.slurm.array import WHOLE, SlurmArrays, jobs, whole
from bosco.batch.slurm.codec import SEPARATOR, Slurm
from bosco.batch.stamps import SIBLINGS, STAMP, family_of, index_of, sibling
from bosco.commands import Commands
from hosted_ce.pilots.stamps import stamp_from
from tests.fakes.dialogue import told

FAMILY = "haaabbbbcccc"
NEWLINE = b"\n"
SCRIPT = whole(b"# %s\nexit 7\n" % (b"x" * 5000))
ARRAYS = SlurmArrays()
FIRST, SECOND = (replace(PLAIN, stamp=sibling(FAMILY, index)) for index in (0, 7))


def listed(*rows: tuple[str, str, str]) -> Listing:
    """What squeue's rows of JobArrayID, name and state make."""
    return told(Slurm(arrays=True).listing("me"), printed(*rows))


def printed(*rows: tuple[str, str, str]) -> CommandResult:
    """As squeue does."""
    rest = ["None", "1700000000", "1700000100", "1699999999", "0", "", "", "10:00", "batch", "(null)", "x"]
    text = "".join(SEPARATOR.join([*row, *rest]) + SEPARATOR + "\n" for row in rows)
    return CommandResult(0, text.encode())


def test_rows_as_slurm_prints_them() -> None:
    listing = listed(
        ("1_3", FAMILY, "RUNNING"), ("1_[4-6,9]", FAMILY, "PENDING"), ("1_[10-11%5]", FAMILY, "PENDING"),
        ("1_12", FAMILY, "CANCELLED"), ("2", "haaaabbbbccccdd", "RUNNING"), ("3_[0-3]", "theirs", "PENDING"),
        ("4", "helloworldab", "RUNNING"),
    )  # fmt: skip
    assert listing.complete
    seen = {job.batch_id: (job.stamp, job.phase) for job in listing.observations}
    assert seen.pop("2") == ("haaaabbbbccccdd", Phase.RUNNING)
    assert seen == {
        f"1_{index}": (sibling(FAMILY, index), phase)
        for index, phase in [(3, Phase.RUNNING), (12, Phase.ENDED)]
        + [(index, Phase.PENDING) for index in (4, 5, 6, 9, 10, 11)]
    }


@pytest.mark.parametrize(
    ("newer", "older", "code", "signal"),
    [("3:0", "768", 3, None), ("0:9", "9", 0, 9), ("0:53", "53", 0, 53), ("121:0", "30976", 121, None)],
)
def test_exit_codes_as_squeue_of_26_05_and_of_22_05_prints_them(
    newer: str, older: str, code: int, signal: int | None
) -> None:
    for printed_as in (newer, older):
        rows = printed(("1_3", FAMILY, "FAILED")).stdout.replace(
            b"\x1f0\x1f", f"\x1f{printed_as}\x1f".encode()
        )
        [job] = told(Slurm(arrays=True).listing("me"), CommandResult(0, rows)).observations
        assert (job.exit_code, job.exit_signal) == (code, signal)


def test_what_is_left_of_an_array_whose_waiting_tasks_were_cancelled_is_nobody() -> None:
    listing = listed(("3", FAMILY, "CANCELLED"))
    assert (listing.complete, listing.observations) == (True, ())


@pytest.mark.parametrize("shown", ["1_1000", "1+0", "1_[1000-2000]", "1_[1000,1003]"])
def test_what_has_a_name_like_ours_by_chance_and_cannot_be_ours_is_nobody(shown: str) -> None:
    listing = listed((shown, FAMILY, "PENDING"))
    assert (listing.complete, listing.observations) == (True, ())


def test_tasks_of_an_array_may_be_told_by_a_step() -> None:
    listing = listed(("1_[0-6:3,990-1100:10%2]", FAMILY, "PENDING"))
    assert [job.batch_id for job in listing.observations] == ["1_0", "1_3", "1_6", "1_990"]


def test_where_a_row_is_cut_each_task_is_asked_for() -> None:
    """Arrays that are there still, of a cluster that shares none any more."""
    asking = Slurm().listing("me")
    assert "--array" not in next(asking).argv
    again = asking.send(printed(("1_[1,3,5,...]", FAMILY, "PENDING")))
    assert "--array" in again.argv
    with pytest.raises(StopIteration) as end:
        asking.send(printed(("1_1", FAMILY, "PENDING"), ("1_3", FAMILY, "PENDING")))
    assert end.value.value.complete
    assert [job.batch_id for job in end.value.value.observations] == ["1_1", "1_3"]


@pytest.mark.parametrize("shown", ["1_[1,3,5,...]", "1_[1-", "1_[1-3:0]", "x"])
def test_a_row_that_cannot_be_read_makes_the_listing_incomplete(shown: str) -> None:
    assert jobs(FAMILY, shown) is None
    assert not listed((shown, FAMILY, "PENDING")).complete


def test_records_are_asked_for_by_array_and_without_its_other_tasks() -> None:
    rows = [("1_0", "COMPLETED"), ("1_1", "COMPLETED"), ("1_[2-7]", "CANCELLED by 1000")]
    more = ["0:0", "1", "2", "3", "node01", "", "10", "batch", "", ""]
    text = "".join(SEPARATOR.join([shown, FAMILY, state, *more]) + "\n" for shown, state in rows)
    asked: list[tuple[str, ...]] = []
    for how in ({"batch_ids": ["1_7", "1_0", "5"]}, {"stamps": [SECOND.stamp, FIRST.stamp]}):
        dialogue = Slurm(arrays=True).accounting("me", 0.0, **how)
        asked.append(next(dialogue).argv)
        with pytest.raises(StopIteration) as end:
            dialogue.send(CommandResult(0, text.encode()))
        found = {job.batch_id: job.phase for job in end.value.value.observations}
        assert found == {"1_0": Phase.ENDED, "1_7": Phase.ENDED}
    assert "--jobs=1,5" in asked[0]
    assert f"--name={SECOND.stamp},{FIRST.stamp},{FAMILY}" in asked[1]


def test_only_those_of_one_family_that_ask_for_the_same_are_alike() -> None:
    alike = ARRAYS.alike
    assert alike(FIRST) == alike(replace(SECOND, arguments=("other",), environment={"A": "b"}))
    for other in (
        replace(SECOND, stamp=sibling("hzzzbbbbcccc", 1)), replace(SECOND, cpus=2),
        replace(SECOND, queue="q"), replace(SECOND, left_out=("node-1",)), replace(SECOND, node="node-1"),
        replace(SECOND, extra=("--nice=1",)), replace(SECOND, walltime_s=60),
    ):  # fmt: skip
        assert alike(FIRST) != alike(other)
        with pytest.raises(ValueError, match="alike"):
            ARRAYS.submission([FIRST, other], "/spool/pilots")
    assert alike(replace(FIRST, stamp="haaaabbbbccccdd")) is None


def test_the_script_of_an_array_has_the_directives_of_each_and_each_has_its_own() -> None:
    array = ARRAYS.submission([FIRST, SECOND], "/spool/pilots")
    script = array.files["job.array"].decode()
    own = [
        line for line in array.tasks[1].files["job.sh"].decode().splitlines() if line.startswith("#SBATCH")
    ]
    common = [line for line in own if not any(word in line for word in ("job-name", "chdir", "output"))]
    assert set(common) <= set(script.splitlines())
    assert f"#SBATCH --job-name={FAMILY}" in script
    assert "#SBATCH --array=0,7" in script
    assert f"#SBATCH --output=/spool/pilots/{FAMILY}%3a/scheduler.log" in script
    assert [task.suffix for task in array.tasks] == ["_0", "_7"]


def test_an_installed_agent_lets_it_through_and_nothing_else(spool: Path) -> None:
    array = ARRAYS.submission([FIRST, SECOND], f"{spool}/pilots")
    header = {
        "op": "submit_together", **together.as_header(array),
        **Commands(Slurm.personal, 60).header(array.argv, {}),
    }  # fmt: skip
    body = together.as_body(array)
    guard("slurm", spool)(dict(header), body)
    for wrong in (
        body.replace(b"#SBATCH --no-requeue", b"#SBATCH --mail-user=me", 1),
        body[::-1].replace(b"#SBATCH --no-requeue"[::-1], b"#SBATCH --mail-user=me"[::-1], 1)[::-1],
    ):
        with pytest.raises(Refused):
            guard("slurm", spool)(_sized(header, len(wrong) - len(body), wrong), wrong)
    with pytest.raises(Refused):
        guard("slurm", spool)({**header, "argv": ["sbatch", "job.other"]}, body)


def _sized(header: dict[str, object], more: int, body: bytes) -> dict[str, object]:
    """The same, where the last file is as much longer as the body; sizes need not be true to be refused."""
    return {**header, "files": [("job.array", len(body))]}


def test_arrays_and_nodes_without_the_spool_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="see the spool"):
        Slurm(arrays=True, shared_home=False)


@given(st.binary(min_size=9, max_size=9), st.integers(0, SIBLINGS - 1))
def test_a_sibling_is_a_stamp_and_has_its_place(random: bytes, index: int) -> None:
    family = family_of(stamp_from(random))
    stamp = sibling(family, index)
    assert STAMP.match(stamp)
    assert (family_of(stamp), index_of(stamp)) == (family, index)
    assert list(jobs(family, f"5_{index}") or ()) == [(stamp, f"5_{index}")]


@given(st.binary(max_size=600))
@settings(max_examples=25)
def test_the_checksum_is_that_of_the_program(data: bytes) -> None:
    ran = subprocess.run(["cksum"], input=data, capture_output=True, check=True)
    assert ran.stdout == f"{cksum(data)}\n".encode()


def test_the_script_of_a_task_is_whole_and_the_agent_knows_that_the_arrays_looks() -> None:
    array = ARRAYS.submission([FIRST, SECOND], "/spool/pilots")
    own, last, _ = array.tasks[1].files["job.sh"].rsplit(b"\n", 2)
    assert last == f"{WHOLE} {cksum(own + NEWLINE)}".encode()
    assert WHOLE.encode() == LOOKS
    assert LOOKS in array.files["job.array"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (SCRIPT, 7), (SCRIPT[:-1], 7), (b"exit 7\n", 121), (SCRIPT[:-2], 121), (b"", 121), (None, 121),
        (SCRIPT.replace(b"x" * 512, bytes(512)), 121), (SCRIPT.replace(b"x\n", b""), 121),
        (f"exit 7\n{WHOLE}\n".encode(), 121),
    ],
)  # fmt: skip
def test_a_task_whose_script_is_not_whole_has_not_begun(
    tmp_path: Path, script: bytes | None, code: int
) -> None:
    """It is not synced for each: a machine that crashes may keep its beginning, or not all between."""
    array = ARRAYS.submission([FIRST, SECOND], str(tmp_path))
    folder = tmp_path / SECOND.stamp
    folder.mkdir()
    if script is not None:
        (folder / "job.sh").write_bytes(script)
    (tmp_path / "job.array").write_bytes(array.files["job.array"])
    environment = {"SLURM_ARRAY_TASK_ID": str(index_of(SECOND.stamp))}
    ran = subprocess.run(
        ["/bin/sh", "job.array"], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL, check=False
    )
    assert ran.returncode == code
