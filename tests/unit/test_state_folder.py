"""A state folder that others own, or get into, is refused with what mends it. The files are real."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hosted_ce.api.token import TokenUnusable, ensure_token
from hosted_ce.daemon.errors import CannotStart
from hosted_ce.daemon.process import state_folder
from hosted_ce.state_folder import faults

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NOBODY = pwd.getpwnam("nobody").pw_uid


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    with state_folder(folder):
        ensure_token(folder / "token")
    return folder


def run_what_it_says(text: str) -> None:
    command = text.partition("Run: ")[2].partition(", or ")[0].partition(" (or ")[0]
    subprocess.run(shlex.split(command), check=True)


def test_a_folder_that_the_ce_made_has_no_faults(state: Path) -> None:
    assert list(faults(state, os.geteuid())) == []


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o770, 0o777, 0o710])
def test_a_folder_that_others_get_into_is_refused(state: Path, mode: int) -> None:
    state.chmod(mode)
    with pytest.raises(CannotStart, match=rf"has mode {mode:04o}.*chmod 700") as refused, state_folder(state):
        pass
    run_what_it_says(str(refused.value))
    with state_folder(state):
        pass


@needs_root
@pytest.mark.parametrize("name", ["", "token", "lock"])
def test_what_another_account_owns_is_refused(state: Path, name: str) -> None:
    os.chown(state / name, NOBODY, -1)
    said = "belongs to nobody, and the CE runs as root"
    with pytest.raises(CannotStart, match=said) as refused, state_folder(state):
        pass
    run_what_it_says(str(refused.value))
    with state_folder(state):
        pass


@needs_root
@pytest.mark.parametrize("name", ["front-door", "lost+found"])
def test_what_is_not_the_ces_may_be_another_accounts(state: Path, name: str) -> None:
    (state / name).mkdir()
    os.chown(state / name, NOBODY, -1)
    with state_folder(state):
        pass


def test_what_the_folder_alone_protects_is_told(state: Path) -> None:
    (state / "hosted-ce.sqlite").touch()
    (state / "hosted-ce.sqlite").chmod(0o644)
    with capture_logs() as said, state_folder(state):
        pass
    [line] = said
    assert "mode 0644; only its folder keeps others out" in line["problem"]
    assert line["todo"] == f"chmod -R go= {state / 'hosted-ce.sqlite'}"
    subprocess.run(shlex.split(line["todo"]), check=True)
    with capture_logs() as said, state_folder(state):
        pass
    assert said == []


def test_a_token_file_that_others_can_read_is_refused(state: Path) -> None:
    (state / "token").chmod(0o640)
    with pytest.raises(TokenUnusable, match=r"has mode 0640.*chmod 600") as refused:
        ensure_token(state / "token")
    run_what_it_says(str(refused.value))
    assert ensure_token(state / "token")
