"""What a host shows, judged by what is pinned for it."""

from __future__ import annotations

from pathlib import Path

import asyncssh
import pytest

from bosco.ssh.stream import Login
from hosted_ce.first_contact.host_keys import HostAuthority, HostKey
from hosted_ce.first_contact.pins import pins_of
from hosted_ce.first_contact.trust import Shown

KEY, CA = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
LOGIN = Login("h", 22, "osg01", Path("key"), Path("known_hosts"))


def line(key: asyncssh.SSHKey, marker: str = "", host: str = "h") -> str:
    return f"{marker}{host} {key.export_public_key().decode().strip()}"


def shown(*known_hosts: str) -> Shown:
    signed = HostAuthority(CA.get_fingerprint(), line(CA, "@cert-authority "), None)
    keys = [HostKey("ED25519", KEY.get_fingerprint(), line(KEY))]
    return Shown(LOGIN, keys, signed, pins_of("\n".join(known_hosts), "h", 22))


@pytest.mark.parametrize("key", [KEY, CA], ids=["key", "CA"])
def test_what_is_revoked_is_not_proven_by_its_fingerprint(key: asyncssh.SSHKey) -> None:
    told = [KEY.get_fingerprint(), CA.get_fingerprint()]
    assert len(shown().proven(told)) == 2
    found = shown(line(key, "@revoked ", "*"))
    assert found.revoked == [key.get_fingerprint()]
    assert len(found.proven(told)) == 1
    assert found.proven([key.get_fingerprint()]) == []


def test_a_revoked_ca_makes_nobody_known() -> None:
    pinned = line(CA, "@cert-authority ")
    assert shown(pinned).by_authority
    assert not shown(pinned, line(CA, "@revoked ", "*")).by_authority
