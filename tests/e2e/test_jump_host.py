"""A login node that is reached through a jump host, both of them OpenSSH."""

from __future__ import annotations

import pytest

from bosco.dialer import Dialer
from bosco.dials import ssh_dial
from bosco.ssh import Login
from tests.e2e.lab.site import Lab

pytestmark = pytest.mark.e2e


async def test_the_agent_runs_behind_it(lab: Lab) -> None:
    hop = Login(lab.host, lab.port, lab.account, lab.private_key, lab.known_hosts)
    login = Login(lab.host, lab.port, lab.account, lab.sshd.confined_key, lab.known_hosts, via=(hop,))
    dialer = Dialer([ssh_dial(login, python="python3", spool="~/hosted-ce")])
    before = len(lab.sshd.sessions())
    link = await dialer.link()
    assert link.facts["user"] == lab.account
    assert len(lab.sshd.sessions()) >= before + 2
    await dialer.close()
