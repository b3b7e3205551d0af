"""The prologue: a site's shell text before the pilot, in every shell that a node's /bin/sh may be."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest
from wrapped_job import Job

from bosco.batch.wrapper import PROLOGUE_FAILED, WRAPPER_FAILED

PILOT = '#!/bin/sh\nprintf "%s|" "$@" "$GIVEN" "$MADE" "$(umask)" "$(ulimit -n)" "$(pwd -P)"\nexit 3\n'


def job_with(prologue: str, folder: Path, pilot: str = PILOT, **more: Any) -> Job:
    return Job(folder / "job", {"pilot.sh": pilot}, prologue=prologue, **more)


def assert_never_began(job: Job, shell: list[str], code: int) -> str:
    """Returns what it left on stderr."""
    assert job.finish(job.start(shell))[0] == WRAPPER_FAILED
    record = job.record
    assert record.error == (
        f"{PROLOGUE_FAILED}exit code {code} before the pilot began; what it printed is in stderr"
    )
    assert (record.exit_code, record.started_at is not None) == (WRAPPER_FAILED, True)
    assert job.output() == b""
    said = job.output("stderr").decode()
    assert record.error in said
    assert not (job.folder / "work").exists()
    return said


def test_it_prepares_what_the_pilot_finds(shell: list[str], tmp_path: Path) -> None:
    prologue = """\
echo "preparing with $GIVEN"
MADE="from $GIVEN"
export MADE
ulimit -n 77
umask 027
cd /
"""
    job = job_with(prologue, tmp_path, arguments=("a b", "'"), environment={"GIVEN": "$(x) 'y'"})
    assert job.run(shell) == 3
    one, two, given, made, mask, files, place, _ = job.output().decode().split("|")
    assert (one, two, given, made) == ("a b", "'", "$(x) 'y'", "from $(x) 'y'")
    assert (mask, files, Path(place).name) == ("0027", "77", "work"), "the pilot begins where its files are"
    assert job.output("stderr") == b"preparing with $(x) 'y'\n", "factories read the pilot's stdout"
    assert (job.record.exit_code, job.record.error) == (3, None)


@pytest.mark.parametrize(
    ("prologue", "code"),
    [
        ("exit 0", 0),
        ("exit 7", 7),
        ("false; true", 1),
        ("set +e\nfalse\n(exit 9)", 9),
        ("exec true", 0),
        ("exec false", 1),
        ("kill -KILL $(exec sh -c 'echo $PPID')", 137),
        ("no-such-command-at-all", 127),
        (". /no/such/file\n", 2),
    ],
)
def test_one_that_fails_or_leaves_ends_the_attempt(
    shell: list[str], tmp_path: Path, prologue: str, code: int
) -> None:
    if shell[0] == "bash" and prologue.startswith("."):
        code = 1
    assert_never_began(job_with(prologue, tmp_path), shell, code)


@pytest.mark.parametrize(
    "prologue",
    ["echo 'not closed", "if true; then", "done", "}", ")", "esac", "((", "echo $(", "<<E\n", "'\"'"],
)
def test_one_that_is_no_shell_text_ends_the_attempt_and_nothing_else(
    shell: list[str], tmp_path: Path, prologue: str
) -> None:
    job = job_with(prologue, tmp_path)
    code, log = job.finish(job.start(shell))
    if prologue == "<<E\n":  # to shells, a document that ends early is none
        assert code in (3, WRAPPER_FAILED)
        return
    assert (code, log) == (WRAPPER_FAILED, b"")
    assert (job.record.error or "").startswith(PROLOGUE_FAILED)
    assert job.output() == b""


def test_a_command_may_fail_where_the_text_says_so(shell: list[str], tmp_path: Path) -> None:
    job = job_with("false || true\nset +e\nfalse\ntrue\n", tmp_path)
    assert job.run(shell) == 3


@pytest.mark.parametrize("text", ["MADE='it'\"'\"'s @COMMAND@'\n", '\tMADE=$(\necho "it\'s @COMMAND@"\n)'])
def test_its_text_arrives_as_it_is(shell: list[str], tmp_path: Path, text: str) -> None:
    job = job_with(f"{text}\nexport MADE", tmp_path)
    assert job.run(shell) == 3
    assert "it's @COMMAND@" in job.output().decode().split("|")


def test_a_function_and_what_it_declares_is_the_shells_own(shell: list[str], tmp_path: Path) -> None:
    """As `module` does it."""
    job = job_with('load() { eval "MADE=$1; export MADE"; }\nload apptainer\n', tmp_path)
    assert job.run(shell) == 3
    assert "apptainer" in job.output().decode().split("|")


def test_a_job_that_is_asked_to_end_meanwhile_never_begins_its_pilot(
    shell: list[str], tmp_path: Path
) -> None:
    job = job_with("touch ../preparing\nsleep 20 & wait\n", tmp_path)
    process = job.start(shell)
    deadline = time.monotonic() + 20
    while not (job.folder / "preparing").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    job.finish(process)
    assert (job.record.error or "").startswith(f"{PROLOGUE_FAILED}exit code {128 + signal.SIGTERM}")
    assert job.output() == b""


def test_one_of_an_earlier_run_does_not_count(shell: list[str], tmp_path: Path) -> None:
    """A batch system that runs the job again finds what the first run left."""
    job = job_with("[ ! -e ../again ]", tmp_path)
    assert job.run(shell) == 3
    (job.folder / "again").touch()
    assert_never_began(job, shell, 1)


def test_a_folder_that_is_emptied_while_the_pilot_runs_makes_its_end_no_failed_prologue(
    shell: list[str], tmp_path: Path
) -> None:
    job = job_with("true", tmp_path, f"#!/bin/sh\nrm -rf {tmp_path / 'job'}\nexit 0\n")
    assert job.finish(job.start(shell))[0] == 0


def test_one_that_failed_in_a_folder_that_was_emptied_is_no_end_of_the_pilot(
    shell: list[str], tmp_path: Path
) -> None:
    job = job_with(f"rm -rf {tmp_path / 'job'}; exit 3", tmp_path)
    assert job.finish(job.start(shell))[0] == WRAPPER_FAILED


def test_a_pilot_without_one_is_as_ever(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": PILOT})
    assert job.run(shell) == 3
    assert "prepared" not in job.left()
