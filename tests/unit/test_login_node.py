"""The demo login node over real SSH connections, with real processes behind it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncssh
import pytest

from hosted_ce.demo import login_node
from hosted_ce.demo.login_node import DemoLoginNode

QUICK = {"MINISLURM_IDLE": "0.1", "MINISLURM_KILL_WAIT": "0.3"}


@pytest.fixture
async def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DemoLoginNode]:
    monkeypatch.setattr(login_node, "_PARTING_S", 0.2)
    async with DemoLoginNode(tmp_path / "site", environment=QUICK) as node:
        yield node


@contextlib.asynccontextmanager
async def logged_in(node: DemoLoginNode, **changes: object) -> AsyncIterator[asyncssh.SSHClientConnection]:
    options = {
        "port": node.port,
        "username": node.account,
        "client_keys": [str(node.client_key)],
        "known_hosts": str(node.known_hosts),
        "config": None,
        "agent_path": None,
        "password": None,
        **changes,
    }
    async with asyncssh.connect(node.host, **options) as connection:
        yield connection


class Gate:
    """Holds up a script that says `read _ <gate`."""

    def __init__(self, folder: Path) -> None:
        os.mkfifo(folder / "gate")
        self._descriptor = os.open(folder / "gate", os.O_RDWR)

    def open(self) -> None:
        os.write(self._descriptor, b"go\n")


async def eventually(look: Callable[[], object], patience_s: float = 10.0) -> None:
    """Looks until the answer is true: there are other processes to wait for."""
    async with asyncio.timeout(patience_s):
        while not look():
            await asyncio.sleep(0.01)


async def test_a_command_runs_at_home_as_the_account(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        done = await connection.run(
            "pwd; echo $USER $LOGNAME $HOME; command -v sbatch; echo oops >&2; exit 3"
        )
    assert (done.exit_status, done.stderr) == (3, "oops\n")
    home = str(node.home)
    assert done.stdout == f"{home}\nosg01 osg01 {home}\n{node.home.parent}/bin/sbatch\n"


async def test_a_command_that_dies_by_a_signal(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        done = await connection.run("kill -TERM $$")
    assert done.exit_signal is not None
    assert done.exit_signal[0] == "TERM"


async def test_without_a_command_there_is_a_shell(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        done = await connection.run(input="echo from $PWD\n")
    assert (done.exit_status, done.stdout) == (0, f"from {node.home}\n")


async def test_bytes_pass_unchanged_in_both_directions(node: DemoLoginNode) -> None:
    data = os.urandom(5_000_000)
    async with logged_in(node) as connection:
        done = await connection.run("tee copy", input=data, encoding=None)
    assert done.exit_status == 0
    assert done.stdout == data
    assert (node.home / "copy").read_bytes() == data


async def test_the_client_waits_for_a_process_that_does_not_read(node: DemoLoginNode) -> None:
    gate = Gate(node.home)
    async with logged_in(node) as connection:
        process = await connection.create_process("read _ <gate; wc -c", encoding=None)
        process.stdin.write(bytes(20_000_000))
        drained = asyncio.create_task(process.stdin.drain())
        await asyncio.wait({drained}, timeout=0.3)  # That nothing happens has no event to wait for.
        assert not drained.done()
        gate.open()
        await drained
        process.stdin.write_eof()
        assert (await process.stdout.read()).strip() == b"20000000"


async def test_a_process_waits_for_a_client_that_does_not_read(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        process = await connection.create_process("head -c 20000000 /dev/zero; touch done", encoding=None)
        await asyncio.sleep(0.3)  # That nothing happens has no event to wait for.
        assert not (node.home / "done").exists()
        assert len(await process.stdout.read()) == 20_000_000
        await eventually((node.home / "done").exists)


async def test_a_process_that_does_not_read_its_input_to_the_end(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        process = await connection.create_process("exec 0<&-; echo enough; exit 4", encoding=None)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(bytes(5_000_000))
        await process.wait_closed()
    assert process.exit_status == 4


async def test_signals_are_passed_on(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        process = await connection.create_process("trap 'echo told; exit 5' USR1; echo up; read _; exit 6")
        assert await process.stdout.readline() == "up\n"
        process.send_signal("USR1")
        assert await process.stdout.read() == "told\n"
    assert process.exit_status == 5


async def test_another_key_is_refused(node: DemoLoginNode) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(asyncssh.PermissionDenied):
        async with logged_in(node, client_keys=[stranger]):
            pass


async def test_another_account_and_a_password_are_refused(node: DemoLoginNode) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with logged_in(node, username="root"):
            pass
    with pytest.raises(asyncssh.PermissionDenied):
        async with logged_in(node, client_keys=None, password="x"):
            pass


async def test_commands_only(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection(node.host, node.port)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("", 0, "127.0.0.1", node.port)
        with pytest.raises(asyncssh.Error):
            await connection.start_sftp_client()
        assert (await connection.run(subsystem="netconf")).exit_status == 1


async def test_a_dropped_connection_is_the_end_of_input_and_no_more(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        process = await connection.create_process("cat >got; sleep 0.1; echo end >ended", encoding=None)
        process.stdin.write(b"hello")
        await eventually((node.home / "got").exists)
        await eventually(lambda: (node.home / "got").read_bytes() == b"hello")
        node.drop_connections()
        await connection.wait_closed()
    await eventually((node.home / "ended").exists)
    async with logged_in(node) as connection:
        assert (await connection.run("cat got")).stdout == "hello"


async def test_a_process_may_outlive_the_login_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_node, "_PARTING_S", 0.1)
    async with DemoLoginNode(tmp_path) as node:
        gate = Gate(node.home)
        async with logged_in(node) as connection:
            process = await connection.create_process("echo $$; read _ <gate; echo end >ended")
            pid = int(await process.stdout.readline())
    os.kill(pid, 0)
    gate.open()
    await eventually((node.home / "ended").exists)


async def test_a_restart_is_the_same_host(tmp_path: Path) -> None:
    async with DemoLoginNode(tmp_path) as node:
        port, known, key = node.port, node.known_hosts.read_text(), node.client_key.read_bytes()
        async with logged_in(node) as connection:
            await connection.run("echo kept >kept")
    async with DemoLoginNode(tmp_path, port=port) as again:
        assert again.port == port
        assert again.known_hosts.read_text() == known
        assert again.client_key.read_bytes() == key
        async with logged_in(again) as connection:
            assert (await connection.run("cat kept")).stdout == "kept\n"
    assert known.startswith(f"[127.0.0.1]:{port} ssh-ed25519 ")


async def test_keys_are_for_the_owner_only(node: DemoLoginNode) -> None:
    for path in (node.client_key, node.client_key.with_name("ssh_host_ed25519_key")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_port_is_not_known_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="start"):
        _ = DemoLoginNode(tmp_path).port


async def test_a_job_is_submitted_and_outlives_session_and_login_node(tmp_path: Path) -> None:
    script = "#!/bin/sh\nread _ <gate\necho $SLURM_JOB_NAME >ran\n"
    async with DemoLoginNode(tmp_path, environment=QUICK) as node:
        gate = Gate(node.home)
        async with logged_in(node) as connection:
            submitted = await connection.run("sbatch --parsable -J mine -o /dev/null", input=script)
            assert submitted.stdout == "1000\n"
    gate.open()
    await eventually((node.home / "ran").exists)
    async with DemoLoginNode(tmp_path, environment=QUICK) as again, logged_in(again) as connection:
        async with asyncio.timeout(10):
            while (await connection.run("squeue -h")).stdout:
                pass
        assert (await connection.run("sacct -XnP -j 1000 -o JobName,State")).stdout == "mine|COMPLETED\n"


async def test_sessions_do_not_wait_for_each_other(node: DemoLoginNode) -> None:
    async with logged_in(node) as connection:
        slow = await connection.create_process("cat")
        assert (await connection.run("echo quick")).stdout == "quick\n"
        slow.stdin.write("late")
        slow.stdin.write_eof()
        assert await slow.stdout.read() == "late"
