"""The way to an agent, and at which step it ends for each fault. The server is real; so are its faults."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from ssh_site import HOST, SshSite

from bosco.approach import Approach, Step
from bosco.dials import ssh_dial
from bosco.errors import LoginRefused
from bosco.ssh.identity import KeyUse
from bosco.ssh.walk import Patience, walk

PATIENCE = Patience(name=5.0, connect=10.0, shell=20.0)


@pytest.fixture
async def site(clean_loop: None, tmp_path: Path) -> AsyncIterator[SshSite]:
    """A login node."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = SshSite(folder)
    await server.start()
    yield server
    await server.stop()


async def went(
    site: SshSite, spool: Path, *, python: str = "python3", patience: Patience = PATIENCE, **login: Any
) -> Approach:
    """How far one gets."""
    way, link = await walk(site.login(**login), python=python, spool=str(spool), patience=patience)
    assert (link is None) == (way.failed is not None)
    if link:
        await link.close()
    return way


async def test_all_the_way_on_one_connection(site: SshSite, spool: Path) -> None:
    site.key.chmod(0o640)
    way = await went(site, spool)
    assert (way.failed, way.said, way.key_mode) == (None, None, 0o640)
    assert set(way.seconds) == set(Step)
    assert way.addresses == (HOST,)
    assert way.server is not None
    assert way.server.startswith("SSH-2.0-AsyncSSH")
    assert way.python is not None
    assert site.logins == 1
    assert way.reached(Step.SPOOL)


async def test_a_walk_gives_a_link_that_works(site: SshSite, spool: Path) -> None:
    _, link = await walk(site.login(), python="python3", spool=str(spool))
    assert link is not None
    assert link.facts["spool"] == str(spool)
    await link.close()


@pytest.mark.parametrize("content", [None, "", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", "encrypted"])
async def test_our_own_key_cannot_be_used(site: SshSite, spool: Path, tmp_path: Path, content: str) -> None:
    key = tmp_path / "key"
    if content == "encrypted":
        made = asyncssh.generate_private_key("ssh-ed25519")
        key.write_bytes(made.export_private_key("pkcs8-pem", passphrase="secret"))
    elif content is not None:
        key.write_text(content)
    way = await went(site, spool, key=key)
    assert way.failed is Step.OWN_FILES
    assert str(key) in str(way.said)
    assert site.logins == 0


async def test_no_file_of_host_keys(site: SshSite, spool: Path, tmp_path: Path) -> None:
    way = await went(site, spool, known_hosts=tmp_path / "absent")
    assert way.failed is Step.OWN_FILES
    assert not way.reached(Step.NAME)


async def test_a_name_that_does_not_resolve(site: SshSite, spool: Path) -> None:
    way = await went(site, spool, host="login.invalid")
    assert way.failed is Step.NAME
    assert "login.invalid does not resolve" in str(way.said)


async def test_a_port_that_nobody_listens_on(site: SshSite, spool: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        way = await went(site, spool, port=taken.getsockname()[1])
    assert way.failed is Step.CONNECT
    assert "nothing listens there" in str(way.said)


async def test_a_port_that_takes_no_more(site: SshSite, spool: Path) -> None:
    """As behind a firewall that drops: the queue of connections is full, so the next SYN is not answered."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind((HOST, 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        patience = Patience(connect=0.5, shell=0.5)
        way = await went(site, spool, port=full.getsockname()[1], patience=patience)
    assert way.failed is Step.CONNECT
    assert "no answer in time" in str(way.said)


async def test_something_else_on_the_port(site: SshSite, spool: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.edu ESMTP\r\n" * 100)
        writer.close()

    server = await asyncio.start_server(greet, HOST)
    way = await went(site, spool, port=server.sockets[0].getsockname()[1])
    server.close()
    assert way.failed is Step.GREETING
    assert way.reached(Step.CONNECT)


@pytest.mark.parametrize(
    ("kind", "marker"),
    [("ssh-ed25519", ""), ("ecdsa-sha2-nistp256", ""), ("ssh-ed25519", "@cert-authority ")],
)
async def test_another_host_key(site: SshSite, spool: Path, kind: str, marker: str) -> None:
    site.pin(asyncssh.generate_private_key(kind), marker)
    way = await went(site, spool)
    assert way.failed is Step.HOST_KEY
    assert way.host_key is not None
    assert way.host_key.startswith("ssh-ed25519 SHA256:")
    assert way.host_key in str(way.said)
    assert site.logins == 0


async def test_a_key_that_the_site_does_not_take(site: SshSite, spool: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)
    way = await went(site, spool, key=other)
    assert way.failed is Step.KEY
    assert "not accepted for osg01" in str(way.said)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("echo This account is currently not available.; exit 1; ", "currently not available"),
        ("read menu; ", "does something wait for input"),
        ("exit 0; ", "exit code 0"),
    ],
    ids=["nologin", "menu", "ends"],
)
async def test_a_shell_that_does_not_run_commands(site: SshSite, spool: Path, before: str, said: str) -> None:
    site.before = before
    way = await went(site, spool, patience=Patience(shell=1.0 if "read" in before else 20.0))
    assert way.failed is Step.SHELL
    assert said in str(way.said)


async def test_a_login_node_that_opens_no_session(site: SshSite, spool: Path) -> None:
    site.takes_channels = False
    way = await went(site, spool)
    assert way.failed is Step.SHELL
    assert "does not start echo" in str(way.said)


async def test_noise_is_no_obstacle(site: SshSite, spool: Path) -> None:
    site.before = "printf 'Willkommen, dom\\344ne\\n'; printf '\\377' >&2; "
    way = await went(site, spool)
    assert (way.failed, way.noise, way.noise_size) == (None, "Willkommen, dom\ufffdne\n", 19)


async def test_SS18_no_python(site: SshSite, spool: Path) -> None:
    way = await went(site, spool, python="python-of-nowhere")
    assert way.failed is Step.PYTHON
    assert "not found" in str(way.said)


async def test_an_old_python(site: SshSite, spool: Path, tmp_path: Path) -> None:
    old = tmp_path / "python2"
    old.write_text("#!/bin/sh\nprintf 'hce-is-here 2.7.18'\n")
    old.chmod(0o755)
    way = await went(site, spool, python=str(old))
    assert way.failed is Step.PYTHON
    assert "Python 2.7.18; 3.6 or later" in str(way.said)


async def test_SS18_a_spool_that_cannot_be_written(site: SshSite, spool: Path) -> None:
    spool.write_text("in the way")
    way = await went(site, spool)
    assert way.failed is Step.SPOOL
    assert "cannot make or write the spool" in str(way.said)


@pytest.mark.parametrize(
    ("allowed", "step"), [(False, Step.KEY), (True, None)], ids=["passwords alone", "anybody"]
)
async def test_a_server_that_asks_for_no_key(
    site: SshSite, spool: Path, monkeypatch: pytest.MonkeyPatch, step: Step | None, *, allowed: bool
) -> None:
    """What it asks for is no second factor; and no key was used where anybody is let in."""
    site._acceptor.update(public_key_auth=False)
    monkeypatch.setattr(site, "password_auth_supported", lambda: True, raising=False)
    monkeypatch.setattr(site, "begin_auth", lambda _: not allowed)
    assert (await went(site, spool)).failed is step
    uses: list[KeyUse] = []
    dial = ssh_dial(site.login(), python="python3", spool=str(spool), on_login=uses.append)
    if step:
        with pytest.raises(LoginRefused):
            await dial()
    else:
        await (await dial()).close()
    assert uses == []
