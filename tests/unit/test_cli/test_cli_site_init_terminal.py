"""`hosted-ce site init` as a person at a terminal has it."""

from __future__ import annotations

import os
import pty
import select
import sys
from collections.abc import Iterator
from pathlib import Path

from hosted_ce.site import load_site

from .test_cli_site_init import GIVEN


def _typed(arguments: list[str], lines: Iterator[str]) -> tuple[str, int]:
    """What a terminal shows of the command while these lines are typed, and its exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "hosted_ce.cli.main", "site", "init", *arguments])
    shown = b""
    try:
        while select.select([terminal], [], [], 60)[0] and (data := os.read(terminal, 65536)):
            shown += data
            if shown.endswith(b": ") and (line := next(lines, None)) is not None:
                os.write(terminal, line.encode())
    except OSError:  # the other end of the terminal is closed
        pass
    os.close(terminal)
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_an_empty_answer_is_told_what_is_needed(folder: Path) -> None:
    shown, code = _typed(["ce", "--option=1a"], iter(["\n", "\x04"]))
    assert code == 130
    assert "an answer is needed; to go back: Ctrl-C, then --again QUESTION" in shown


def test_at_a_terminal_it_is_broken_off_and_goes_on(folder: Path) -> None:
    given = GIVEN | {"login": "127.0.0.1:1"}  # where nobody answers
    answers = ["ce", *(f"--{question}={text}" for question, text in given.items() if question != "batch")]
    shown, code = _typed(answers, iter(["\n", "\n", "\n", "slurmy\n", "\x04"]))
    assert code == 130
    assert "is not a batch system" in shown
    assert "the same command goes on from there" in shown
    assert "How the site contributes" in shown
    again, code = _typed(["ce"], iter(["slurm\n", *["\n"] * 30]))
    assert code == 0
    assert "How the site contributes" not in again
    assert "1. A Unix account" in again
    assert load_site(folder / "ce/site.yaml").clusters["main"].batch == "slurm"
