"""The host keys that a server shows, with a real one on loopback; and servers that show none."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from hosted_ce.first_contact.errors import Unreached
from hosted_ce.first_contact.host_keys import scan
from hosted_ce.site.known_hosts import may_know

HOST = "127.0.0.1"
KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")


@contextlib.asynccontextmanager
async def server(*keys: asyncssh.SSHKey) -> AsyncIterator[int]:
    """An SSH server with these host keys; gives its port."""
    acceptor = await asyncssh.listen(HOST, 0, server_host_keys=list(keys))
    try:
        yield acceptor.get_port()
    finally:
        acceptor.close()
        await acceptor.wait_closed()


async def test_all_kinds_of_keys_are_seen_as_openssh_prints_them(tmp_path: Path) -> None:
    keys = [asyncssh.generate_private_key(kind) for kind in KINDS]
    async with server(*keys) as port:
        found = await scan(HOST, port, timeout=30)
    assert [key.kind for key in found] == ["ED25519", "ECDSA", "RSA"]
    file = tmp_path / "known_hosts"
    file.write_text("".join(f"{key.line}\n" for key in found))
    argv = ["ssh-keygen", "-lf", str(file)]
    printed = subprocess.run(argv, capture_output=True, check=True, text=True).stdout.splitlines()
    assert [line.split()[1] for line in printed] == [key.fingerprint for key in found]
    assert may_know(file.read_text(), HOST, port)
    assert not may_know(file.read_text(), HOST, 22)


async def test_what_was_pinned_is_what_the_ce_accepts(tmp_path: Path) -> None:
    async with server(asyncssh.generate_private_key("ssh-ed25519")) as port:
        (found,) = await scan(HOST, port, timeout=30)
        file = tmp_path / "known_hosts"
        file.write_text(f"{found.line}\n")
        with pytest.raises(asyncssh.PermissionDenied):  # the host key was accepted; we have no key for it
            await asyncssh.connect(
                HOST,
                port,
                username="osg01",
                known_hosts=str(file),
                client_keys=None,
                config=None,
                agent_path=None,
            )


@pytest.mark.parametrize("lost", [asyncssh.ConnectionLost("lost"), ConnectionResetError("reset")])
async def test_a_node_that_breaks_off_where_it_has_no_key_shows_those_that_it_has(
    monkeypatch: pytest.MonkeyPatch, lost: Exception
) -> None:
    """OpenSSH does so: why, it tells its log alone. tests/e2e/test_live_session.py has a real one."""
    key = asyncssh.generate_private_key("ssh-ed25519")

    async def shown(host: str, port: int, *, server_host_key_algs: list[str], **_: object) -> asyncssh.SSHKey:
        if "ssh-ed25519" in server_host_key_algs:
            return key
        raise lost

    monkeypatch.setattr(asyncssh, "get_server_host_key", shown)
    assert [found.kind for found in await scan(HOST, 22, timeout=30)] == ["ED25519"]


async def test_a_node_that_is_not_there_is_told() -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreached, match=f"{HOST} port {port}"):
        await scan(HOST, port, timeout=30)


async def _scan_what_answers(answer: bytes, timeout: float) -> None:
    """Looks at a node that says this when somebody comes, and waits until it has noticed that they left."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(answer)
            await reader.read()
            writer.close()
            await writer.wait_closed()
        ended.set()

    node = await asyncio.start_server(serve, HOST)
    async with node:
        try:
            await scan(HOST, node.sockets[0].getsockname()[1], timeout=timeout)
        finally:
            await ended.wait()


async def test_a_node_that_says_nothing_is_given_up_in_time() -> None:
    with pytest.raises(Unreached, match="is there a firewall"):
        await _scan_what_answers(b"", 0.05)


async def test_what_is_no_ssh_is_told() -> None:
    with pytest.raises(Unreached, match=f"{HOST} port"):
        await _scan_what_answers(b"220 mail.example.edu ESMTP\r\n" * 2000, 30)
