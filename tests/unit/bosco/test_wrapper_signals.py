"""Signals that a job gets, and the wrapper in every shell that a worker node's /bin/sh may be."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tools import Barrier
from wrapped_job import KEEPS, PYTHON, Job

ANSWERS = (
    PYTHON
    + """
import os, signal, sys
def answer(number, frame):
    os.write(1, signal.Signals(number).name.encode())
    os._exit(7)
for name in ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2"):
    signal.signal(getattr(signal, "SIG" + name), answer)
open(sys.argv[1], "w").write("x")
signal.pause()
"""
)
"""A pilot that says which signal came, and ends with its own exit code."""


@pytest.mark.parametrize(
    ("name", "passed_on"),
    [
        ("HUP", "HUP"), ("INT", "TERM"), ("QUIT", "TERM"), ("TERM", "TERM"), ("USR1", "USR1"),
        ("USR2", "USR2"),
    ],
)  # fmt: skip
def test_signals_reach_the_pilot_and_its_own_end_counts(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier], name: str, passed_on: str
) -> None:
    begun = barrier()
    job = Job(tmp_path / "job", {"pilot.py": ANSWERS}, arguments=(str(begun.path),))
    process = job.start(shell)
    begun.expect()
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert job.finish(process) == (7, b"")
    assert job.output() == f"SIG{passed_on}".encode()
    assert job.record.exit_code == 7
    assert job.left() == KEEPS


@pytest.mark.parametrize("name", ["INT", "QUIT"])
def test_a_pilot_that_is_a_shell_script_hears_of_INT_and_QUIT(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier], name: str
) -> None:
    """It has begun with both ignored, as all that a shell starts in the background, and cannot trap them."""
    begun, go_on = barrier(), barrier()
    pilot = f"#!/bin/sh\ntrap 'echo told; exit 7' TERM\n{begun.tell}\n{go_on.pause} &\nwait\n"
    job = Job(tmp_path / "job", {"pilot.sh": pilot})
    process = job.start(shell)
    begun.expect()
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert job.finish(process)[0] == 7
    assert (job.output(), job.record.exit_code) == (b"told\n", 7)
    go_on.release()


def test_when_all_processes_get_TERM_the_pilots_own_end_still_counts(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier]
) -> None:
    """As slurmstepd sends it. In bash, `wait` and the pilot's end then come together."""
    begun = barrier()
    for number in range(4):
        job = Job(tmp_path / f"job-{number}", {"pilot.py": ANSWERS}, arguments=(str(begun.path),))
        process = job.start(shell)
        begun.expect()
        os.killpg(process.pid, signal.SIGTERM)
        assert job.finish(process)[0] == 7
        assert job.record.exit_code == 7
        assert job.left() == KEEPS


def test_a_pilot_that_does_not_care_for_TERM_ends_by_it(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier]
) -> None:
    begun = barrier()
    job = Job(tmp_path / "job", {"pilot.sh": f"#!/bin/sh\n{begun.tell}\nexec sleep 60\n"})
    process = job.start(shell)
    begun.expect()
    process.send_signal(signal.SIGTERM)
    assert job.finish(process)[0] == 143
    assert job.record.exit_code == 143


def test_a_signal_before_the_pilot_begins_is_kept_for_it(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\necho never\n"})
    os.mkfifo(job.folder / "in" / "slow")
    process = job.start(shell)
    with (job.folder / "in" / "slow").open("wb"):  # it is being copied now
        process.send_signal(signal.SIGTERM)
    assert job.finish(process)[0] == 143
    assert (job.record.exit_code, job.output()) == (143, b"")
    assert job.left() == KEEPS | {"early"}


def test_a_signal_that_a_script_around_the_wrapper_got_is_the_pilots(
    shell: list[str], tmp_path: Path
) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\necho never\n"})
    (job.folder / "ending").write_text("TERM\n")
    assert job.finish(job.start(shell))[0] == 143
    assert (job.record.exit_code, job.output()) == (143, b"")


def test_a_pilot_that_outlives_the_shell_that_keeps_it_has_not_ended(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier]
) -> None:
    begun, go_on = barrier(), barrier()
    job = Job(tmp_path / "job", {"pilot.sh": f"#!/bin/sh\necho $PPID\n{begun.tell}\n{go_on.pause}\n"})
    process = job.start(shell)
    begun.expect()
    os.kill(int(job.output()), signal.SIGKILL)
    assert job.finish(process)[0] == 137
    assert not job.record.ended
    go_on.release()


def test_a_pilot_that_ignores_TERM_is_waited_for(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier]
) -> None:
    begun, go_on = barrier(), barrier()
    pilot = f"#!/bin/sh\ntrap '' TERM\n{begun.tell}\n{go_on.pause}\nexit 5\n"
    job = Job(tmp_path / "job", {"pilot.sh": pilot})
    process = job.start(shell)
    begun.expect()
    for _ in range(3):
        process.send_signal(signal.SIGTERM)
    assert "exit" not in job.left()
    go_on.release()
    assert job.finish(process) == (5, b"")
    assert job.record.exit_code == 5


def test_a_signal_that_ends_nothing_is_no_end(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier]
) -> None:
    begun, came, go_on = barrier(), barrier(), barrier()
    pilot = PYTHON + (
        "import signal, sys\n"
        "signal.signal(signal.SIGUSR1, lambda number, frame: open(sys.argv[2], 'w').write('x'))\n"
        "open(sys.argv[1], 'w').write('x')\n"
        "open(sys.argv[3]).read(1)\n"
        "sys.exit(4)\n"
    )
    paths = tuple(str(one.path) for one in (begun, came, go_on))
    job = Job(tmp_path / "job", {"pilot.py": pilot}, arguments=paths)
    process = job.start(shell)
    begun.expect()
    for _ in range(5):
        process.send_signal(signal.SIGUSR1)
        came.expect()
    go_on.release(10)
    assert job.finish(process)[0] == 4
    assert job.record.exit_code == 4
