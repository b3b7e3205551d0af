"""Somebody who has a key that may only start the agent, at a real sshd."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bosco.dialer import Dialer
from bosco.installed import program_id
from bosco.ssh.stream import Login
from bosco.ssh.walk import walk
from tests.conformance.benches import linked
from tests.e2e.lab.site import Lab

pytestmark = pytest.mark.e2e
TELLS = "starts the agent of a hosted_ce and nothing else"


@pytest.fixture
def traces(lab: Lab) -> Iterator[Path]:
    """What whoever gets through leaves in the home."""
    path = lab.home / "got-through"
    yield path
    path.unlink(missing_ok=True)


def _options(lab: Lab) -> list[str]:
    return [
        "-F", "none", "-i", str(lab.sshd.confined_key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
        "-o", f"UserKnownHostsFile={lab.known_hosts}", "-o", "StrictHostKeyChecking=yes",
    ]  # fmt: skip


def _tried(argv: list[str], *, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, input=said, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("more", [[], ["-tt"]], ids=["plain", "terminal"])
@pytest.mark.parametrize(
    "command", ["touch got-through", "", "sh -i", 'python3 -c \'open("got-through", "w")\'']
)
def test_no_command_and_no_shell(lab: Lab, traces: Path, command: str, more: list[str]) -> None:
    argv = ["ssh", *more, *_options(lab), "-p", str(lab.port), f"{lab.account}@{lab.host}", command]
    done = _tried(argv, said="touch got-through\nexit\n")
    assert done.returncode != 0
    assert ("PTY allocation request failed" if more else TELLS) in done.stderr
    assert not traces.exists()


def test_no_files(lab: Lab, traces: Path, tmp_path: Path) -> None:
    (tmp_path / "got-through").write_text("x")
    target = f"{lab.account}@{lab.host}:got-through"
    for old in ([], ["-O"]):
        argv = ["scp", *old, *_options(lab), "-P", str(lab.port), str(tmp_path / "got-through"), target]
        assert _tried(argv).returncode != 0
    done = _tried(["sftp", *_options(lab), "-P", str(lab.port), f"{lab.account}@{lab.host}"], said="ls\n")
    assert done.returncode != 0
    assert not traces.exists()


def test_no_forwarding(lab: Lab) -> None:
    way = ["-p", str(lab.port), f"{lab.account}@{lab.host}"]
    done = _tried(["ssh", "-W", f"{lab.host}:{lab.port}", *_options(lab), *way])
    assert done.returncode != 0
    assert "SSH-2.0" not in done.stdout, "nothing behind the login node can be reached through it"
    done = _tried(
        ["ssh", "-N", "-R", "0:127.0.0.1:1", "-o", "ExitOnForwardFailure=yes", *_options(lab), *way]
    )
    assert "remote port forwarding failed" in done.stderr


async def test_SS13_the_agent_is_the_one_that_the_site_has_installed(lab: Lab) -> None:
    dialer = Dialer([linked.over_ssh(lab.sshd, lab.owner, confined=True)])
    link = await dialer.link()
    assert link.facts["installed"] == {"batch": "slurm", "program": program_id()}
    await dialer.close()


async def test_a_check_goes_its_way_by_such_a_key(lab: Lab) -> None:
    login = Login(lab.host, lab.port, lab.account, lab.sshd.confined_key, lab.known_hosts)
    approach, link = await walk(login, python="python3", spool="~/hosted-ce")
    assert link, approach
    await link.close()
    assert (approach.failed, approach.confined) == (None, True)
    assert approach.python
