"""Completion in a real bash, and by zsh's protocol: of commands, and of names that the running CE has."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .ce import Ce, found

BIN = Path(sys.executable).parent
SCRIPT = """\
source <(hosted-ce --show-completion bash)
complete -p hosted-ce
COMP_WORDS=({words})
COMP_CWORD={at}
_hosted_ce_completion hosted-ce
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("HOSTED_CE_")}
    return own | {"PATH": f"{BIN}:{os.environ['PATH']}"}


def in_bash(folder: Path, *words: str) -> list[str]:
    """What bash would offer for the last of these words."""
    script = SCRIPT.format(words=shlex.join(("hosted-ce", *words)), at=len(words))
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    first, *offered = done.stdout.splitlines()
    assert first == "complete -o default -F _hosted_ce_completion hosted-ce"
    return [text for text in offered if text]


@pytest.fixture
def busy(ce: Ce) -> Ce:
    """A CE with pilots, a site and entries."""
    for state in ("completed", "idle", "running"):
        ce.add(state=state)
    ce.answers["GET", "/api/v1/site"] = found(
        {"routes": [{"name": "large", "cluster": "hpc"}], "clusters": [{"name": "hpc", "state": "ready"}]}
    )
    ce.answers["GET", "/api/v1/entries"] = found({"entries": [{"name": "OSG_US_X"}, {"name": None}]})
    return ce


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("wh",), ["why"]),
        (("why", ""), ["3", "2"]),
        (("pilots", "hold", "3", "2"), ["2"]),
        (("site", "resume", ""), ["hpc"]),
        (("q", "--route", "l"), ["large"]),
        (("history", "--entry", ""), ["OSG_US_X"]),
        (("logs", "--level", "w"), ["warning"]),
        (("top", "--state", "he"), ["held"]),
    ],
)
def test_bash_offers_words_and_names(
    busy: Ce, folder: Path, words: tuple[str, ...], offered: list[str]
) -> None:
    assert in_bash(folder, *words) == offered


def test_the_ce_that_the_line_names_is_asked(busy: Ce, folder: Path) -> None:
    (folder / "state").rename(folder / "elsewhere")
    assert in_bash(folder, "why", "") == []
    assert in_bash(folder, "why", "--state-dir", "elsewhere", "") == ["3", "2"]


def test_zsh_is_told_each_pilot_with_its_state(busy: Ce, folder: Path) -> None:
    asked = {"_HOSTED_CE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "hosted-ce why "}
    done = subprocess.run(
        ["hosted-ce"], cwd=folder, env=environment() | asked, capture_output=True, text=True, check=False
    )
    assert '"3":"running"' in done.stdout
    assert '"2":"idle"' in done.stdout


def test_a_ce_that_does_not_answer_keeps_nobody_waiting(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (folder / "state").mkdir()
        (folder / "state" / "endpoint").write_text(f"http://127.0.0.1:{silent.getsockname()[1]}\n")
        (folder / "state" / "token").write_text("a-token-of-this-test\n")
        began = time.monotonic()
        assert in_bash(folder, "why", "") == []
        assert time.monotonic() - began < 30  # of which the program needs most to start, on a busy machine
