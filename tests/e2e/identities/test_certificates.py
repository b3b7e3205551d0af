"""Certificates of users and of hosts, made by ssh-keygen and judged by OpenSSH's server and by us."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bosco.approach import Step
from bosco.dials import ssh_dial
from bosco.errors import HostKeyRefused, KeyUnusable, LoginRefused
from bosco.installed import agent_program, forced_command
from bosco.ssh.stream import open_ssh
from bosco.ssh.walk import walk
from tests.e2e.identities.own_sshd import OwnSshd, new_key, public, sign
from tests.e2e.lab.daemons import HOST

pytestmark = pytest.mark.e2e
PATIENCE_S = 30
ENDED = ("-V", "20200101:20200102")
ME = getpass.getuser()


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    return new_key(tmp_path / "ca")


@pytest.fixture
def sshd(tmp_path: Path, ca: Path) -> Iterator[OwnSshd]:
    with OwnSshd(tmp_path, f"TrustedUserCAKeys {ca}.pub").running() as server:
        yield server


async def test_a_certificate_logs_in_and_its_forced_command_confines(sshd: OwnSshd, ca: Path) -> None:
    program = sshd.folder / "agent"
    program.write_text(agent_program())
    spool = str(sshd.folder / "spool")
    command = forced_command(str(program), batch="slurm", spool=spool, python=sys.executable)
    found = sign(ca, sshd.key, "-n", ME, "-O", f"force-command={command}", "-O", "source-address=127.0.0.0/8")
    link = await ssh_dial(sshd.login(certificate=found), python="python3", spool=spool)()
    assert link.facts["installed"]["batch"] == "slurm"
    await link.close()
    approach, checked = await walk(sshd.login(), python="python3", spool=spool)
    assert (approach.failed, approach.confined) == (None, True), "one that lies beside the key is found"
    assert checked
    await checked.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-n", "somebody-else"), "is for somebody-else"),
        (("-n", ME, "-O", "source-address=192.0.2.1"), f"is for {ME}"),
        ((), "is for no principal"),
    ],
    ids=["another principal", "another address", "no principal"],
)
async def test_what_a_server_refuses_is_explained(
    sshd: OwnSshd, ca: Path, options: tuple[str, ...], said: str
) -> None:
    found = sign(ca, sshd.key, *options)
    with pytest.raises(LoginRefused, match=said):
        await open_ssh(sshd.login(certificate=found), ["true"], timeout=PATIENCE_S)
    approach, _ = await walk(
        sshd.login(certificate=found), python="python3", spool=str(sshd.folder / "spool")
    )
    assert approach.failed is Step.KEY
    assert said in str(approach.said)


async def test_one_that_ended_is_not_shown_and_a_new_one_is_taken_at_once(sshd: OwnSshd, ca: Path) -> None:
    dial = ssh_dial(
        sshd.login(certificate=sign(ca, sshd.key, "-n", ME, *ENDED)), python="python3",
        spool=str(sshd.folder / "spool"),
    )  # fmt: skip
    with pytest.raises(KeyUnusable, match=r"ended at 2020-01-02 .* UTC: have the key signed anew"):
        await dial()
    sign(ca, sshd.key, "-n", ME)
    await (await dial()).close()


@pytest.mark.parametrize("beside", [ENDED, ("-h",)], ids=["ended", "a host's"])
async def test_one_beside_a_key_that_is_of_no_use_is_left_out(
    sshd: OwnSshd, ca: Path, beside: tuple[str, ...]
) -> None:
    sign(ca, sshd.key, "-n", ME, *beside)
    with pytest.raises(LoginRefused, match=r"id-cert.pub (ended at|is a host's)"):
        await open_ssh(sshd.login(), ["true"], timeout=PATIENCE_S)
    sshd.authorize(public(sshd.key))
    (await open_ssh(sshd.login(), ["true"], timeout=PATIENCE_S)).close()


@pytest.mark.parametrize("content", ["another key's", "no certificate", "a key"])
async def test_a_certificate_of_no_use_is_named(sshd: OwnSshd, ca: Path, content: str) -> None:
    named = sshd.folder / "named"
    another = sign(ca, new_key(sshd.folder / "another"), "-n", ME)
    texts = {"another key's": another.read_text(), "no certificate": "x", "a key": public(sshd.key)}
    named.write_text(texts[content])
    with pytest.raises(KeyUnusable, match=f"{named}"):
        await open_ssh(sshd.login(certificate=named), ["true"], timeout=PATIENCE_S)


@pytest.fixture
def host(tmp_path: Path) -> OwnSshd:
    """One that has a certificate for its host key, and lets us in by a plain key."""
    server = OwnSshd(tmp_path, f"HostCertificate {tmp_path}/host_key-cert.pub")
    server.authorize(public(server.key))
    return server


async def test_a_host_with_a_certificate_of_the_pinned_ca_is_known(host: OwnSshd, ca: Path) -> None:
    sign(ca, host.host_key, "-h", "-n", f"login.example.edu,{HOST}")
    host.pin(f"@cert-authority * {public(ca)}")
    with host.running():
        (await open_ssh(host.login(), ["true"], timeout=PATIENCE_S)).close()
        host.pin(f"@cert-authority * {public(ca)}", f"@revoked * {public(ca)}")
        with pytest.raises(HostKeyRefused, match="the CA that has signed its host key is revoked"):
            await open_ssh(host.login(), ["true"], timeout=PATIENCE_S)
        host.pin(f"@cert-authority * {public(ca)}", f"@revoked * {public(host.host_key)}")
        with pytest.raises(HostKeyRefused, match="its host key is revoked"):
            await open_ssh(host.login(), ["true"], timeout=PATIENCE_S)
        host.pin(f"@cert-authority *.example.org {public(ca)}")
        with pytest.raises(HostKeyRefused, match="another CA"):
            await open_ssh(host.login(), ["true"], timeout=PATIENCE_S)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-h", "-n", HOST, *ENDED), "has expired; the site has to sign"),
        (("-h", "-n", HOST, "-V", "20400101:20410101"), "is not valid yet"),
        (("-h", "-n", "other.example.edu"), "is for other names"),
    ],
    ids=["ended", "not yet", "another host's"],
)
async def test_what_is_wrong_with_a_host_s_certificate_is_told(
    host: OwnSshd, ca: Path, options: tuple[str, ...], said: str
) -> None:
    sign(ca, host.host_key, *options)
    host.pin(f"@cert-authority * {public(ca)}")
    with host.running():
        with pytest.raises(HostKeyRefused, match=said):
            await open_ssh(host.login(), ["true"], timeout=PATIENCE_S)
        approach, _ = await walk(host.login(), python="python3", spool=str(host.folder / "spool"))
        assert approach.failed is Step.HOST_KEY
        assert said in str(approach.said)


async def test_a_plain_pinned_key_is_asked_for_although_the_host_has_a_certificate(
    host: OwnSshd, ca: Path
) -> None:
    sign(ca, host.host_key, "-h", "-n", HOST)
    with host.running():
        (await open_ssh(host.login(), ["true"], timeout=PATIENCE_S)).close()
