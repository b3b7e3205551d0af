"""A CE to talk to, and a command line to do it with."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import hosted_ce.cli.running  # noqa: F401  see _served_in_this_process
from hosted_ce.cli import client, patience, service
from hosted_ce.cli.main import app
from hosted_ce.cli.pilots import wait

from .ce import Ce, Running

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and an environment that says nothing."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HOSTED_CE_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSES_S", (0.0,) * len(client.PAUSES_S))
    monkeypatch.setattr(wait, "LOOK_S", 0.0)
    monkeypatch.setattr(patience, "PAUSE_S", 0.0)


@pytest.fixture(autouse=True)
def _served_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's own process is this one; what it does without stays importable for other tests.

    What it imports must be here before: with a copy of sys.modules imports get half done, and HTCondor's
    library crashes when it is loaded a second time.
    """

    def execve(program: str, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        python = [sys.executable, "-P", "-X", service.WITHOUT_COLUMNS]
        given = [word for word in argv if word != service.WITHOUT_DOCSTRINGS]  # it is there in CI alone
        assert (program, given) == (sys.executable, [*python, "-m", service.__name__])
        added = set(environment) - set(os.environ)  # what else there was, jobs of a local cluster would have
        assert all(name.startswith("HOSTED_CE_") for name in added)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "modules", sys.modules.copy())
            for name, value in environment.items():
                patched.setenv(name, value)
            raise typer.Exit(service.main())

    monkeypatch.setattr(os, "execve", execve)


@pytest.fixture
def ce(folder: Path) -> Iterator[Ce]:
    """A CE that runs with the state folder ./state."""
    served = Ce()
    with Running(served):
        served.write_state(folder / "state")
        yield served


@pytest.fixture
def run() -> Run:
    """Runs a command line in this process."""
    return lambda *arguments, **options: CliRunner().invoke(app, [str(a) for a in arguments], **options)
