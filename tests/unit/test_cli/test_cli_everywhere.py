"""What holds for every command: JSON for programs, colours for terminals only."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .ce import Ce, found
from .conftest import Run
from .test_cli_commands import COMMANDS

LEAVES = {" ".join(path): command for path, command in COMMANDS.items() if not hasattr(command, "commands")}
WITHOUT_JSON = {
    "key agent": "it prints a program",
    "key authorize": "it prints one line, to be copied",
    "key rotate begin": "it prints a line, to be copied",
    "key rotate finish": "its exit code says all",
    "key rotate abort": "its exit code says all",
    "site trust": "it asks, and its exit code says whether all hosts are known",
    "serve": "it runs until it is stopped; its log is JSON",
    "demo": "it is for people",
    "site downtime": "what it prints is YAML, to be pasted",
    "site schema": "what it prints is JSON anyway",
    "route render": "what it prints is a script",
    "route try": "what it prints is an ad",
    "pilots output": "what it prints is the pilot's",
    "front-door config": "what it prints is HTCondor's configuration",
    "front-door start": "its exit code says all",
    "front-door stop": "its exit code says all",
    "db upgrade": "its exit code says all",
    "db move": "it prints what was moved, and its exit code says all",
    "db status": "its exit code says all",
}
COLOUR = re.compile(r"\x1b\[[0-9;]*(?:3[0-7]|9[0-7])m")
LISTS = [["q"], ["history"], ["pilots", "list"], ["nodes"], ["site", "show"], ["top", "--once"]]


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_has_json_or_a_reason_why_not(name: str) -> None:
    options = {option for one in LEAVES[name].params for option in one.opts}
    assert ("--json" in options) is not (name in WITHOUT_JSON)


def test_no_reason_is_given_for_what_there_is_not() -> None:
    assert WITHOUT_JSON.keys() <= LEAVES.keys()


GROUPS = [path for path, command in COMMANDS.items() if hasattr(command, "commands")]


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_groups_tell_what_each_command_does_to_its_end(run: Run, path: tuple[str, ...]) -> None:
    told = run(*path, "--help").stdout.partition("\nCommands:\n")[2].partition("\n\n")[0]
    summaries = re.split(r"\n  (?=\S)", told)
    assert len(summaries) == len(COMMANDS[path].commands)
    assert [each for each in summaries if not each.endswith(".")] == []
    assert max(map(len, told.splitlines())) <= 80


@pytest.fixture
def busy(ce: Ce) -> Ce:
    """A CE with something in every list."""
    ce.add(state="held", reason="no", finished_at=None)
    site: dict[str, Any] = {
        "name": "X", "resource": "Y", "front_door": None, "routes": [], "health": None, "activity": None,
        "clusters": [
            {"name": "c", "batch": "slurm", "logins": [], "account": "a", "state": "down",
             "state_since": None, "listed_at": None, "submitting": False, "state_reason": "no",
             "closed_reason": None}
        ],
    }  # fmt: skip
    node = {
        "cluster": "c",
        "name": "n",
        "ended": 1,
        "failed": 1,
        "classes": {},
        "last_at": None,
        "problem": None,
        "avoided": None,
    }
    entry = {
        "name": "e", "factories": [], "outcomes": {}, "nonzero_exits": 0, "idle_since": None,
        "last_started_at": None, "held": [],
        "counts": dict.fromkeys(("idle", "running", "held", "unknown", "completed", "removed", "lost"), 1),
    }  # fmt: skip
    ce.answers["GET", "/api/v1/site"] = found(site)
    ce.answers["GET", "/api/v1/nodes"] = found({"nodes": [node], "left_out": 0})
    ce.answers["GET", "/api/v1/entries"] = found(
        {"entries": [entry], "totals": entry["counts"], "left_out": 0}
    )
    return ce


@pytest.mark.parametrize("arguments", LISTS, ids=" ".join)
@pytest.mark.parametrize("variable", [None, "FORCE_COLOR"])
def test_a_pipe_gets_no_colours(
    run: Run, busy: Ce, arguments: list[str], variable: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv(variable, "1")
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stdout
    assert "\x1b" not in result.stdout + result.stderr
    wanted = [each for each in arguments if each != "--once"]
    assert json.loads(run(*wanted, "--json").stdout) is not None


@pytest.mark.parametrize("plain", [True, False])
def test_a_terminal_gets_colours_unless_it_wants_none(busy: Ce, folder: Path, plain: bool) -> None:
    told = on_a_terminal(folder, "pilots", "list", environment={"NO_COLOR": "1"} if plain else {})
    assert "held" in told
    assert (COLOUR.search(told) is None) is plain


def on_a_terminal(folder: Path, *arguments: str, environment: dict[str, str]) -> str:
    """What a command writes to a terminal."""
    master, slave = pty.openpty()
    own = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    command = [sys.executable, "-m", "hosted_ce.cli.main", *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdout=slave, stderr=slave, env=own | {"TERM": "xterm-256color"} | environment
    ):
        os.close(slave)
        text = b""
        with contextlib.suppress(OSError):  # EIO: nobody has its other end any more
            while found := os.read(master, 65536):
                text += found
    os.close(master)
    return text.decode()
