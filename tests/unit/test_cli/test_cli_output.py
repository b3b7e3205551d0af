"""Output that cannot be written: a full disk is told in one line, a pipe that nobody reads not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .ce import Ce
from .test_cli_logs import line

COMMAND = [sys.executable, "-c", "from hosted_ce.cli.main import main; main()"]


@pytest.mark.parametrize(
    "arguments", [("pilots", "list"), ("pilots", "list", "--json"), ("pilots", "show", "1")]
)
def test_a_full_disk_is_told_in_one_line(ce: Ce, arguments: tuple[str, ...]) -> None:
    ce.add(state="held", reason="no")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], check=False, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.stderr == "error: the output cannot be written: No space left on device\n"
    assert done.returncode == 1


def test_a_log_that_nobody_reads_on_is_no_error_of_the_log(folder: Path) -> None:
    path = folder / "state" / "log" / "hosted-ce.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(line("x" * 100) for _ in range(5000)))
    with subprocess.Popen(
        [*COMMAND, "logs", "-n", "5000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1
