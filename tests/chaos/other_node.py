"""A second login node with the first one's name and host key, and a spool of its own."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from tests.chaos.world import World
from tests.e2e.lab.daemons import Daemon, is_listening


@contextlib.contextmanager
def other_login_node(world: World) -> Iterator[int]:
    """Its port. It sees the same Slurm; what is at our spool's path is another, empty folder there."""
    port = _free_port()
    sshd = world.lab.known_hosts.parent
    conf = sshd / "other_config"
    text = (sshd / "sshd_config").read_text()
    conf.write_text(text.replace(f":{world.lab.port}", f":{port}").replace("sshd.pid", "other.pid"))
    spool, account = world.spool.folder, world.lab.account
    hidden = (
        f"mount -t tmpfs -o size=8m,mode=0700,uid=$(id -u {account}),gid=$(id -g {account}) tmpfs {spool} && "
        f"exec /usr/sbin/sshd -D -e -f {conf}"
    )
    daemon = Daemon(
        world.lab.sshd.listener.supervisor,
        ["unshare", "--mount", "sh", "-c", hidden],
        sshd / "other.log",
        lambda: is_listening(port),
    )
    daemon.start()
    try:
        yield port
    finally:
        daemon.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        found: int = probe.getsockname()[1]
        return found
