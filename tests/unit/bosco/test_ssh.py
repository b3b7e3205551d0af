"""Logging in, and every way in which that goes wrong. The server is real; so are its faults."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncssh
import pytest
from ssh_site import HOST, SshSite
from tools import Barrier

from bosco import dials
from bosco.approach import Step
from bosco.dials import ssh_dial
from bosco.errors import (
    AgentUnusable,
    HostKeyRefused,
    Interrupted,
    KeyUnusable,
    LoginRefused,
    NotRun,
    Unreachable,
)
from bosco.link import Link, agent_command, agent_source
from bosco.ssh import stream
from bosco.ssh.stream import SshStream, open_ssh
from bosco.ssh.walk import walk


@pytest.fixture
async def site(clean_loop: None, tmp_path: Path) -> AsyncIterator[SshSite]:
    """A login node."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = SshSite(folder)
    await server.start()
    yield server
    await server.stop()


async def opened(site: SshSite, spool: Path) -> tuple[SshStream, Link]:
    stream = await open_ssh(site.login(), agent_command("python3", agent_source()), timeout=20)
    return stream, await Link.open(stream, source=agent_source(), spool=str(spool), timeout=20)


async def said(link: Link, *argv: str, timeout: float = 20.0) -> bytes:
    header = {"argv": list(argv), "timeout": 60, "limit": 10**6}
    return (await link.call("run", header, timeout=timeout)).body


async def test_an_agent_over_ssh(site: SshSite, spool: Path) -> None:
    link = await ssh_dial(site.login(), python="python3", spool=str(spool))()
    assert await said(link, "echo", "hello") == b"hello\n"
    assert link.facts["spool"] == str(spool)
    await link.close()
    assert site.logins == 1


async def test_another_session_is_tried_and_ended(site: SshSite, spool: Path) -> None:
    _, link = await opened(site, spool)
    assert await link.another_session(20.0) is True
    assert await said(link, "echo", "hello") == b"hello\n", "the link goes on"
    assert "no answer in time" in str(await link.another_session(0.0))
    await link.close()
    assert isinstance(await link.another_session(20.0), str)


@pytest.mark.parametrize(
    "noise", ["Last login: today\\n", "dom\\344ne \\377\\n"], ids=["banner", "not UTF-8"]
)
async def test_SS8_SS9_a_login_that_prints(site: SshSite, spool: Path, noise: str) -> None:
    site.before = f"printf '{noise}'; printf '{noise}' >&2; "
    _, link = await opened(site, spool)
    assert await said(link, "printf", "\\351t\\351") == b"\xe9t\xe9"
    await link.close()


async def test_SS8_a_login_shell_that_prints_for_ever_is_given_up(site: SshSite, spool: Path) -> None:
    site.before = "yes & "
    with pytest.raises(AgentUnusable, match=r"more than \d+ bytes that are not ours.*y\\ny\\ny"):
        await opened(site, spool)


async def test_SS13_any_login_shell_understands_the_command_line(
    site: SshSite, spool: Path, tmp_path: Path
) -> None:
    folder = tmp_path / 'it\'s a "folder" $HOME'
    folder.mkdir()
    (folder / "python3").symlink_to("/usr/bin/env")
    with pytest.raises(AgentUnusable, match="invalid option"):  # it was found, so that it could complain
        await ssh_dial(site.login(), python=str(folder / "python3"), spool=str(spool))()
    assert "\n" not in site.commands[0], "csh takes no line end between quotes"
    assert "!" not in site.commands[0], "csh takes it for history, quoted or not"


async def test_SS18_no_python_there(site: SshSite, spool: Path) -> None:
    with pytest.raises(AgentUnusable, match=rf"osg01@{HOST}:\d+: .*python-of-nowhere.*not found"):
        await ssh_dial(site.login(), python="python-of-nowhere", spool=str(spool))()


async def test_SS18_a_spool_that_cannot_be_written(site: SshSite, spool: Path) -> None:
    spool.write_text("in the way")
    with pytest.raises(AgentUnusable, match="cannot make or write the spool"):
        await ssh_dial(site.login(), python="python3", spool=str(spool))()


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
async def test_SS15_another_host_key_is_refused_before_anything_is_sent(site: SshSite, kind: str) -> None:
    """Also one of another kind than the pinned one: it has to be shown before it can be refused."""
    pinned = asyncssh.generate_private_key(kind)
    site.pin(pinned)
    with pytest.raises(HostKeyRefused, match=r"pinned in .*known_hosts.*ask the site") as refused:
        await open_ssh(site.login(), ["true"], timeout=20)
    shown = f"it shows ssh-ed25519 {site.host_key.get_fingerprint()}; "
    assert shown in str(refused.value)
    assert f"known_hosts is {kind} {pinned.get_fingerprint()}; " in str(refused.value)
    assert site.logins == 0


async def test_SS15_a_host_without_a_certificate_of_the_pinned_authority_is_refused(site: SshSite) -> None:
    authority = asyncssh.generate_private_key("ssh-ed25519")
    site.pin(authority, "@cert-authority ")
    with pytest.raises(HostKeyRefused, match=r"pinned in .*known_hosts.*ask the site") as refused:
        await open_ssh(site.login(), ["true"], timeout=20)
    assert f"known_hosts is the CA ssh-ed25519 {authority.get_fingerprint()}; " in str(refused.value)
    assert site.logins == 0


async def test_SS15_a_host_that_is_not_pinned_is_refused(site: SshSite) -> None:
    site.known_hosts.write_text("")
    with pytest.raises(HostKeyRefused, match="known_hosts is nothing for this host and port; ask the site"):
        await open_ssh(site.login(), ["true"], timeout=20)
    assert site.logins == 0


async def test_SS14_a_key_that_the_site_does_not_take(site: SshSite, tmp_path: Path) -> None:
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)
    with pytest.raises(LoginRefused, match=rf"refused our key {other}.*authorized_keys"):
        await open_ssh(site.login(key=other), ["true"], timeout=20)


@pytest.mark.parametrize("content", ["", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", "encrypted"])
async def test_a_private_key_that_cannot_be_used(site: SshSite, tmp_path: Path, content: str) -> None:
    key = tmp_path / "key"
    if content == "encrypted":
        made = asyncssh.generate_private_key("ssh-ed25519")
        key.write_bytes(made.export_private_key("pkcs8-pem", passphrase="secret"))
    else:
        key.write_text(content)
    with pytest.raises(KeyUnusable, match=f"cannot use the private key {key}"):
        await open_ssh(site.login(key=key), ["true"], timeout=20)
    assert site.logins == 0


@pytest.mark.parametrize("name", ["key", "known_hosts"])
async def test_a_file_that_is_not_there_is_named(site: SshSite, tmp_path: Path, name: str) -> None:
    absent = tmp_path / "absent"
    with pytest.raises(Unreachable, match=f"{absent} is not there; the site file names it"):
        await open_ssh(site.login(**{name: absent}), ["true"], timeout=20)


async def test_a_known_hosts_file_that_cannot_be_read(site: SshSite) -> None:
    site.known_hosts.write_text("@nonsense * ssh-ed25519 AAAA\n")
    with pytest.raises(NotRun, match=f"osg01@{HOST}"):
        await open_ssh(site.login(), ["true"], timeout=20)
    assert site.logins == 0


async def test_a_closed_port(site: SshSite) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))  # bound, and nobody listens: nobody else gets it meanwhile
        with pytest.raises(Unreachable, match="cannot connect"):
            await open_ssh(site.login(port=taken.getsockname()[1]), ["true"], timeout=20)


async def test_a_name_that_nobody_knows(site: SshSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match="Name or service not known"):
        await open_ssh(site.login(host="login.example.edu"), ["true"], timeout=20)


async def test_SS7_a_server_that_accepts_and_says_nothing(site: SshSite) -> None:
    site.wire.dead = True
    with pytest.raises(Unreachable, match="no answer in time"):
        await open_ssh(site.login(), ["true"], timeout=0.2)


async def test_SS3_a_server_that_never_opens_the_channel(site: SshSite) -> None:
    site.answers_channels = False
    for timeout in (0.5, 5.0):  # on a busy machine the first may pass before it has logged in
        with pytest.raises(Unreachable, match="no answer in time"):
            await open_ssh(site.login(), ["true"], timeout=timeout)
        if site.wire.dead:
            return
    raise AssertionError("it never asked for a channel")


async def test_SS4_a_channel_that_is_refused_has_run_nothing(site: SshSite) -> None:
    site.takes_channels = False
    with pytest.raises(Unreachable):
        await open_ssh(site.login(), ["true"], timeout=20)
    assert site.commands == []


async def test_SS1_a_connection_cut_while_a_command_runs(
    site: SshSite, spool: Path, barrier: Callable[[], Barrier]
) -> None:
    begun, go_on = barrier(), barrier()
    _, link = await opened(site, spool)
    call = asyncio.create_task(said(link, "sh", "-c", f"{begun.tell}; {go_on.pause}"))
    await asyncio.to_thread(begun.expect)
    site.wire.cut()
    with pytest.raises(Interrupted, match=r"lost|ended"):
        await call
    with pytest.raises(NotRun, match="the link has ended"):
        await said(link, "true")
    go_on.release()


async def test_SS1_a_request_that_was_never_written(site: SshSite, spool: Path) -> None:
    stream, link = await opened(site, spool)
    stream.close()
    assert link.alive, "nobody has told it yet"
    with pytest.raises(NotRun, match="the connection was lost"):
        await said(link, "true")
    assert not link.alive


async def test_SS1_a_connection_cut_while_a_request_is_written(site: SshSite, spool: Path) -> None:
    _, link = await opened(site, spool)
    os.kill(link.facts["pid"], signal.SIGSTOP)  # it reads no more: what we write stays on the way
    put = asyncio.create_task(link.call("put", {"sha256": "0" * 64}, bytes(16 * 2**20), timeout=20))
    try:
        _, pending = await asyncio.wait([put], timeout=0.1)
        assert pending
        site.wire.cut()
        with pytest.raises(Interrupted, match=r"lost|ended"):
            await put
    finally:
        os.kill(link.facts["pid"], signal.SIGCONT)


async def test_SS7_a_peer_that_is_gone_without_a_word_is_noticed(
    site: SshSite, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (stream.KEEPALIVE_INTERVAL, stream.KEEPALIVE_COUNT) == (15, 3)
    monkeypatch.setattr(stream, "KEEPALIVE_INTERVAL", 0.05)
    _, link = await opened(site, spool)
    call = asyncio.create_task(said(link, "sleep", "1"))
    site.wire.dead = True
    with pytest.raises(Interrupted):
        await call
    assert not link.alive
    site.wire.cut()


async def test_SS17_a_user_s_own_ssh_settings_do_not_matter(
    site: SshSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".ssh").mkdir()
    proof = tmp_path / "used"
    (tmp_path / ".ssh" / "config").write_text(f"Host *\n  User nobody\n  ProxyCommand touch {proof}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no-agent-here"))
    stream = await open_ssh(site.login(), ["true"], timeout=20)
    stream.close()
    assert not proof.exists()


async def test_SS17_nothing_in_a_user_s_own_ssh_folder_opens_a_door(
    site: SshSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spool: Path
) -> None:
    """There is a key that the site takes, its host key, and an agent with the key: none of it was named."""
    own = tmp_path / ".ssh"
    own.mkdir()
    for name in ("id_ed25519", "id_rsa"):
        (own / name).write_bytes(site.key.read_bytes())
    (own / "known_hosts").write_text(site.known_hosts.read_text())
    monkeypatch.setenv("HOME", str(tmp_path))
    unknown = tmp_path / "unknown"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(unknown)
    async with _agent_with(site.key, tmp_path / "agent") as socket:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        with pytest.raises(LoginRefused, match=f"refused our key {unknown}"):
            await open_ssh(site.login(key=unknown), ["true"], timeout=20)
        way, link = await walk(site.login(key=unknown), python="python3", spool=str(spool))
        assert (way.failed, link) == (Step.KEY, None)
        site.known_hosts.write_text("")
        with pytest.raises(HostKeyRefused):
            await open_ssh(site.login(), ["true"], timeout=20)


@contextlib.asynccontextmanager
async def _agent_with(key: Path, socket: Path) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        "ssh-agent", "-D", "-a", str(socket), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        while not socket.exists():
            await asyncio.sleep(0)
        async with asyncssh.connect_agent(str(socket)) as client:
            await client.add_keys([str(key)])
        yield str(socket)
    finally:
        process.terminate()
        await process.wait()


async def test_a_login_that_was_given_up_leaves_nothing_behind(
    site: SshSite, spool: Path, barrier: Callable[[], Barrier]
) -> None:
    go_on = barrier()
    site.before = f"{go_on.pause}; "
    dialing = asyncio.create_task(ssh_dial(site.login(), python="python3", spool=str(spool))())
    await site.begun.wait()
    dialing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialing
    go_on.release()


async def test_a_greeting_that_never_comes_back(
    site: SshSite, spool: Path, monkeypatch: pytest.MonkeyPatch, barrier: Callable[[], Barrier]
) -> None:
    monkeypatch.setattr(dials, "HELLO_TIMEOUT_S", 0.2)
    go_on = barrier()
    site.before = f"{go_on.pause}; exit; "
    with pytest.raises(AgentUnusable, match="no answer to 'hello'"):
        await ssh_dial(site.login(), python="python3", spool=str(spool))()
    go_on.release()
