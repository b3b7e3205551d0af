"""A state folder that others own, or get into, is refused with what mends it. The files are real."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hosted_ce.api.callers.token_file import TokenUnusable, ensure_token
from hosted_ce.daemon.errors import SetUpWrong
from hosted_ce.daemon.process.held import state_folder
from hosted_ce.state_folder import FRONT_DOOR, faults

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
    command = re.split("run: ", text, flags=re.IGNORECASE)[1].partition(" (or ")[0]
    subprocess.run(shlex.split(command), check=True)


def test_a_folder_that_the_ce_made_has_no_faults(state: Path) -> None:
    assert list(faults(state, os.geteuid())) == []


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o770, 0o777, 0o710])
def test_a_folder_that_others_get_into_is_refused(state: Path, mode: int) -> None:
    state.chmod(mode)
    with pytest.raises(SetUpWrong, match=rf"has mode {mode:04o}.*chmod 700") as refused, state_folder(state):
        pass
    run_what_it_says(str(refused.value))
    with state_folder(state):
        pass


def given_to_nobody(state: Path) -> None:
    for path in (state, *state.iterdir()):
        os.chown(path, NOBODY, -1)


@needs_root
@pytest.mark.parametrize(("owner", "account"), [(NOBODY, "nobody"), (54321, "'#54321'")])
def test_root_in_another_accounts_folder_is_told_to_be_that_account(
    state: Path, owner: int, account: str
) -> None:
    os.chown(state, owner, -1)
    with (
        pytest.raises(SetUpWrong, match="and the CE runs as root: run this as ") as refused,
        state_folder(state),
    ):
        pass
    assert f"sudo -u {account} …" in str(refused.value)
    assert "chown" not in str(refused.value)


@needs_root
def test_a_folder_of_roots_is_not_given_away(state: Path) -> None:
    [fault] = faults(state, NOBODY)
    assert "chown" not in fault.todo
    subprocess.run(shlex.split(fault.todo.partition("makes it by: ")[2]), check=True)
    assert list(faults(state / "hosted-ce", NOBODY)) == []


@needs_root
@pytest.mark.parametrize("name", ["token", "lock", "hosted-ce.sqlite-wal"])
def test_what_root_left_in_our_folder_is_refused_and_taken_over(
    state: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state / name).touch()
    given_to_nobody(state)
    os.chown(state / name, 0, -1)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    said = f"{name} belongs to root, and the CE runs as nobody: as root, run: chown"
    with pytest.raises(SetUpWrong, match=said) as refused, state_folder(state):
        pass
    run_what_it_says(str(refused.value))
    assert (state / name).stat().st_uid == NOBODY
    with state_folder(state):
        pass


@needs_root
def test_nothing_of_another_account_is_given_to_root(state: Path) -> None:
    os.chown(state / "token", NOBODY, -1)
    [fault] = faults(state, 0)
    assert fault.fatal
    assert "belongs to nobody" in fault.said
    assert "chown" not in fault.todo


@needs_root
def test_the_front_door_is_looked_at_elsewhere(state: Path) -> None:
    (state / FRONT_DOOR).mkdir()
    os.chown(state / FRONT_DOOR, NOBODY, -1)
    assert list(faults(state, 0)) == []


@needs_root
@pytest.mark.parametrize("name", ["lost+found", ".snapshots", "aquota.user"])
def test_what_is_not_the_ces_may_be_another_accounts(state: Path, name: str) -> None:
    (state / name).mkdir()
    os.chown(state / name, NOBODY, -1)
    with capture_logs() as said, state_folder(state):
        pass
    [line] = said
    assert line["log_level"] == "warning"
    assert f"{state / name} belongs to nobody" in line["problem"]
    assert "chown" not in line["todo"]


def test_what_the_folder_alone_protects_is_told(state: Path) -> None:
    (state / "hosted-ce.sqlite").touch()
    (state / "hosted-ce.sqlite").chmod(0o644)
    with capture_logs() as said, state_folder(state):
        pass
    [line] = said
    assert "mode 0644; only its folder keeps others out" in line["problem"]
    assert line["todo"] == f"run: chmod -R go= {state / 'hosted-ce.sqlite'}"
    run_what_it_says(line["todo"])
    with capture_logs() as said, state_folder(state):
        pass
    assert said == []


def test_a_token_file_that_others_can_read_is_refused(state: Path) -> None:
    (state / "token").chmod(0o640)
    with pytest.raises(TokenUnusable, match=r"has mode 0640.*chmod 600") as refused:
        ensure_token(state / "token")
    run_what_it_says(str(refused.value))
    assert ensure_token(state / "token")
