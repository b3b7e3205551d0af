"""A login node that is reached through a jump host, both of them OpenSSH, by the lines that sites get."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bosco.dialer import Dialer
from bosco.dials import ssh_dial
from bosco.errors import Unreachable
from bosco.ssh.stream import Login
from hosted_ce.authorized_keys import jump_line
from tests.e2e.lab.daemons import run
from tests.e2e.lab.site import Lab

pytestmark = pytest.mark.e2e


@pytest.fixture
def hop(lab: Lab, tmp_path: Path) -> Iterator[Login]:
    """The login node as its own jump host: its key is good for going on to the login node alone."""
    key, authorized = tmp_path / "hop", lab.known_hosts.parent / "authorized_keys"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)])
    before = authorized.read_text()
    public = key.with_suffix(".pub").read_text()
    line = jump_line(public, [lab.host], [f"{lab.host}:{lab.port}"])
    authorized.write_text(f"{before}{line}\n")
    yield Login(lab.host, lab.port, lab.account, key, lab.known_hosts)
    authorized.write_text(before)


def _login(lab: Lab, hop: Login) -> Login:
    return Login(lab.host, lab.port, lab.account, lab.sshd.confined_key, lab.known_hosts, via=(hop,))


async def test_the_agent_runs_behind_it(lab: Lab, hop: Login) -> None:
    dialer = Dialer([ssh_dial(_login(lab, hop), python="python3", spool="~/hosted-ce")])
    link = await dialer.link()
    assert link.facts["user"] == lab.account
    await dialer.close()


async def test_it_leads_nowhere_else_and_runs_nothing(lab: Lab, hop: Login) -> None:
    elsewhere = Login(lab.host, 1, lab.account, lab.sshd.confined_key, lab.known_hosts, via=(hop,))
    with pytest.raises(Unreachable, match="the jump host before it does not let us through"):
        await ssh_dial(elsewhere, python="python3", spool="~/hosted-ce")()
    argv = [
        "ssh", "-F", "none", "-i", str(hop.key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o",
        f"UserKnownHostsFile={lab.known_hosts}", "-p", str(lab.port), f"{lab.account}@{lab.host}", "id",
    ]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (1, "")
