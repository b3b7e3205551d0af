"""The command line as a whole: what --help teaches, how quickly it starts."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from hosted_ce import __version__
from hosted_ce.cli.main import app

from .conftest import Run

HEAVY = ("httpx", "rich", "sqlalchemy", "fastapi", "asyncssh", "asyncio", "htcondor2", "yaml", "bosco")
ROOT: Any = get_command(app)


def _tree(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _tree(below, (*path, name))


COMMANDS = dict(_tree(ROOT))
NAMES = [" ".join(path) for path in COMMANDS]


def test_the_commands_are_all_there() -> None:
    leaves = {" ".join(path) for path, command in COMMANDS.items() if not hasattr(command, "commands")}
    assert leaves == {
        "route explain", "route lint", "route render", "route try",
        "token create", "token link", "token list", "token revoke",
        "serve", "demo", "pilots list", "pilots show", "pilots submit", "pilots trace", "pilots remove",
        "pilots output",
        "q", "history", "why", "logs", "audit", "top", "support-bundle", "pilots hold", "pilots release",
        "pilots adopt", "pilots abandon", "site pause", "site resume", "site accept-spool",
        "site reload", "site diff", "site import", "site init", "site probe", "site check history",
        "site lint", "site schema", "site show", "site status", "site verify", "site digest", "site downtime",
        "site incidents", "contributions",
        "ramp show", "ramp history", "ramp pin", "ramp unpin", "ramp pause", "ramp resume", "ramp skip",
        "ramp restart", "nodes avoid", "nodes allow", "nodes avoidances",
        "session begin", "session show", "session run", "session tick", "session skip", "session reopen",
        "session note", "session settle", "session link", "session end", "session minutes", "session list",
        "key agent", "key authorize", "key rotate begin", "key rotate status", "key rotate finish",
        "key rotate abort", "key list", "site trust", "db upgrade", "db status", "db move",
        "front-door config", "front-door start", "front-door stop", "front-door check",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_help_ends_with_examples_of_that_command(run: Run, name: str) -> None:
    result = run(*name.split(), "--help")
    assert result.exit_code == 0
    assert _examples(result.stdout)
    assert all(line.startswith(f"hosted-ce {name}".strip()) for line in _examples(result.stdout))


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_right_usage(run: Run, folder: Path, name: str) -> None:
    for file in ("job.sh", "data.tar", "differences.jsonl"):
        (folder / file).touch()
    for line in _examples(run(*name.split(), "--help").stdout):
        words = shlex.split(line.split(" > ")[0].split(" && ")[0])[1:]
        path = next(
            path for path in sorted(COMMANDS, key=len, reverse=True) if tuple(words[: len(path)]) == path
        )
        COMMANDS[path].make_context("hosted-ce", words[len(path) :])


@pytest.mark.parametrize("name", NAMES)
def test_help_has_no_boxes_and_no_colours(run: Run, name: str) -> None:
    assert run(*name.split(), "--help").stdout.isascii()


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").stdout == f"hosted-ce {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["pilots", "submit", "--help"], ["--version"]])
def test_help_loads_nothing_that_is_slow(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom hosted_ce.cli.main import app\n"
        f"try: app({arguments})\nexcept SystemExit: pass\n"
        f"sys.exit(' '.join(name for name in {HEAVY} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.stderr.strip() == ""


def test_a_group_alone_shows_its_help(run: Run) -> None:
    result = run("pilots")
    assert result.exit_code == 2
    assert "Examples:" in result.output


def test_completion_knows_the_commands(run: Run) -> None:
    words = {"_HOSTED_CE_COMPLETE": "complete_bash", "COMP_WORDS": "hosted-ce pilots s", "COMP_CWORD": "2"}
    result = run(env=words, prog_name="hosted-ce")
    assert result.stdout.split() == ["show", "submit"]


def _examples(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    titles = [lines.index(title) for title in ("Example:", "Examples:") if title in lines]
    return lines[titles[0] + 1 :] if titles else []
