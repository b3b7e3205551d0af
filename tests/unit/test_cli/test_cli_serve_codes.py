"""The exit code of a refused start: 2, at which systemd leaves it, for what trying again cannot mend."""

from __future__ import annotations

import configparser
import fcntl
import os
import pwd
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from .conftest import Run

ROOT = Path(__file__).parents[3]
SITE = ROOT / "routes" / "example.yaml"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(autouse=True)
def process() -> Iterator[None]:
    """What a start changes in its process is changed back."""
    before, logs = os.umask(0o022), structlog.get_config()
    yield
    os.umask(before)
    structlog.configure(**logs)


@pytest.fixture
def state(folder: Path) -> Path:
    made = folder / "state"
    made.mkdir(mode=0o700)
    return made


def start(run: Run, *options: str, **env: str) -> tuple[int, str]:
    """The exit code and the line of a start with ./state that is refused."""
    options = ("--site", str(SITE), "--state", "state", *options)
    done = run("serve", *options, env={"HOSTED_CE_ROOT": "true", "HOSTED_CE_PORT": "0", **env})
    return done.exit_code, done.stderr


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"HOSTED_CE_HOST": "0.0.0.0"}, "tokens would go to it in the clear"),
        ({"HOSTED_CE_TLS_KEY": "key"}, "go together"),
        ({"HOSTED_CE_TLS_KEY": "key", "HOSTED_CE_TLS_CERTIFICATE": "cert"}, "cannot be read"),
        ({"HOSTED_CE_USER": "no-such-account"}, "there is no account 'no-such-account'"),
        ({"HOSTED_CE_DATABASE_URL": "rubbish"}, "not the URL of a database"),
    ],
)
def test_a_wrong_setting(run: Run, env: dict[str, str], said: str) -> None:
    code, told = start(run, **env)
    assert (code, said in told) == (2, True), told


@needs_root
def test_root_that_nobody_meant(run: Run) -> None:
    code, told = start(run, HOSTED_CE_ROOT="false")
    assert (code, "started as root" in told) == (2, True), told


def test_a_state_folder_that_is_open_to_others(run: Run, state: Path) -> None:
    state.chmod(0o770)
    code, told = start(run)
    assert (code, "has mode 0770" in told) == (2, True), told


@needs_root
def test_a_state_folder_of_another_account(run: Run, state: Path) -> None:
    os.chown(state, pwd.getpwnam("nobody").pw_uid, -1)
    code, told = start(run)
    assert (code, "run this as nobody: sudo -u nobody" in told) == (2, True), told


def test_a_token_that_others_can_read(run: Run, state: Path) -> None:
    (state / "token").touch(mode=0o644)
    code, told = start(run)
    assert (code, "token has mode 0644" in told) == (2, True), told


def test_a_port_that_is_taken(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, told = start(run, HOSTED_CE_PORT=str(other.getsockname()[1]))
    assert (code, "cannot listen on" in told) == (1, True), told
    assert "Address already in use; choose another port" in told


def test_an_address_of_another_machine(run: Run) -> None:
    code, told = start(run, HOSTED_CE_HOST="192.0.2.1", HOSTED_CE_PLAIN_HTTP="true")
    assert code == 1
    assert "Cannot assign requested address; see that --host is an address of this machine" in told


def test_another_ce(run: Run, state: Path) -> None:
    with (state / "lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, told = start(run)
    assert (code, "another CE" in told) == (1, True), told


def test_a_database_that_is_away(run: Run) -> None:
    code, told = start(run, HOSTED_CE_DATABASE_URL="postgresql://ce@127.0.0.1:1/ce?connect_timeout=2")
    assert (code, "cannot use the database" in told) == (1, True), told


def test_a_database_that_was_moved_away(run: Run, state: Path) -> None:
    (state / "hosted-ce.sqlite.moved").touch(mode=0o600)
    code, told = start(run)
    assert (code, "set HOSTED_CE_DATABASE_URL to the database that it was moved to" in told) == (2, True), (
        told
    )


def test_systemd_leaves_it_at_2_alone() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(ROOT / "deploy" / "systemd" / "hosted-ce.service")
    assert unit["Service"]["Restart"] == "on-failure"
    assert unit["Service"]["RestartPreventExitStatus"] == "2"
