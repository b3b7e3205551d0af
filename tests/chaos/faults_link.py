"""What breaks between the CE and the login node."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
from collections.abc import Iterator

from tests.chaos.fault import Fault
from tests.chaos.other_node import other_login_node
from tests.chaos.world import World
from tests.e2e.lab.daemons import run

KEEPALIVE_S = 50.0
"""A frozen connection is noticed after 45 s."""


def killed(world: World) -> int:
    """The server processes of our connections are killed."""
    for _ in range(6):
        world.pause(1.0)
        world.lab.sshd.kill_sessions()
    return 6


def reset(world: World) -> int:
    """TCP resets, in the middle of whatever is sent."""
    for _ in range(6):
        world.pause(1.0)
        world.proxy.cut()
    return 6


def frozen(world: World) -> int:
    """sshd is stopped: connections stay open and say nothing. Once for longer than keepalive allows."""
    for seconds in (4.0, KEEPALIVE_S):
        world.pause(1.5)
        sessions = world.lab.sshd.sessions()
        _signal(sessions, signal.SIGSTOP)
        world.pause(seconds, seconds)
        _signal(sessions, signal.SIGCONT)
    return 2


def slow(world: World) -> int:
    """300 ms there and back, and stalls of some seconds."""
    world.proxy.delay = 0.15
    try:
        for _ in range(4):
            world.pause(2)
            world.proxy.stall(True)
            world.pause(4, 1)
            world.proxy.stall(False)
    finally:
        world.proxy.stall(False)
        world.proxy.delay = 0.0
    return 4


def one_session(world: World) -> int:
    """MaxSessions 1."""
    with _sshd_config(world, "MaxSessions 10", "MaxSessions 1"):
        for _ in range(3):
            world.lab.sshd.kill_sessions()
            world.pause(3, 1)
    return 3


def refused_startups(world: World) -> int:
    """MaxStartups drops us, since somebody else fills it."""
    with _sshd_config(world, "MaxStartups 100:30:200", "MaxStartups 1:100:1"):
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", world.lab.port)):
                world.lab.sshd.kill_sessions()
                world.pause(5, 3)
    return 2


def host_key_changed(world: World) -> int:
    """Somebody else's key; then the right one again, and an operator says so."""
    key = world.lab.known_hosts.parent / "host_key"
    kept, other = key.with_name("kept_key"), key.with_name("other_key")
    other.unlink(missing_ok=True)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)])
    shutil.copy2(key, kept)
    world.pause(1.5)
    shutil.copy2(other, key)
    _again(world)
    world.pause(5, 3)
    shutil.copy2(kept, key)
    _again(world)
    world.operator("site", "resume", "lab")
    return 1


def key_refused(world: World) -> int:
    """The account loses our key; then it is back, and an operator says so."""
    authorized = world.lab.known_hosts.parent / "authorized_keys"
    text = authorized.read_text()
    world.pause(1.5)
    authorized.write_text("")
    world.lab.sshd.kill_sessions()
    world.pause(5, 3)
    authorized.write_text(text)
    world.operator("site", "resume", "lab")
    return 1


def replaced(world: World) -> int:
    """Behind the same name and host key is another login node, which has another spool; then it is back."""
    with other_login_node(world) as port:
        for _ in range(2):
            world.pause(1.5)
            world.proxy.target = port
            world.proxy.cut()
            world.pause(6, 3)
            world.proxy.target = world.lab.port
            world.proxy.cut()
    return 2


def noise(world: World) -> int:
    """.bashrc prints, in Latin-1 and something like JSON; so does a banner."""
    said = "printf 'Willkommen, dom\\344nen-benutzer\\n'; printf 'oh \\377\\n' >&2; echo '{\"id\": 1}'\n"
    banner = world.lab.folder / "banner"
    banner.write_bytes("Zutritt nur für Befugte\n".encode("latin-1"))
    with _bashrc(world, said), _sshd_config(world, "UseDNS no", f"UseDNS no\nBanner {banner}"):
        for _ in range(3):
            world.pause(1.5)
            world.lab.sshd.kill_sessions()
    return 3


def slow_shell(world: World) -> int:
    """A login shell that takes its time."""
    with _bashrc(world, "sleep 4\n"):
        for _ in range(2):
            world.pause(1.5)
            world.lab.sshd.kill_sessions()
            world.pause(6, 3)
    return 2


def away(world: World) -> int:
    """The site is away; at a listing every second, a minute is half an hour of the usual."""
    world.pause(2)
    world.lab.sshd.stop()
    world.lab.sshd.kill_sessions()
    try:
        world.pause(70, 50)
        world.expect_frozen()
    finally:
        world.lab.sshd.start()
    return 1


@contextlib.contextmanager
def _bashrc(world: World, more: str) -> Iterator[None]:
    file = world.lab.home / ".bashrc"
    text = file.read_text()
    file.write_text(more + text)
    try:
        yield
    finally:
        file.write_text(text)


@contextlib.contextmanager
def _sshd_config(world: World, old: str, new: str) -> Iterator[None]:
    file = world.lab.known_hosts.parent / "sshd_config"
    text = file.read_text()
    if old not in text:
        raise AssertionError(f"{old!r} is not in the lab's sshd_config")
    file.write_text(text.replace(old, new))
    _restart(world)
    try:
        yield
    finally:
        file.write_text(text)
        _restart(world)


def _restart(world: World) -> None:
    world.lab.sshd.stop()
    world.lab.sshd.start()


def _again(world: World) -> None:
    _restart(world)
    world.lab.sshd.kill_sessions()


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


FAULTS = (
    Fault("link: sshd child killed", killed),
    Fault("link: TCP reset", reset),
    Fault("link: frozen", frozen, pilots_for=20),
    Fault("link: 300 ms and stalls", slow, pilots_for=10),
    Fault("link: MaxSessions 1", one_session),
    Fault("link: MaxStartups refuses", refused_startups, pilots_for=8),
    Fault("link: host key changed", host_key_changed, pilots_for=6),
    Fault("link: key refused", key_refused, pilots_for=6),
    Fault("link: another login node behind the name", replaced, pilots_for=12),
    Fault("link: banner and noise", noise),
    Fault("link: slow login shell", slow_shell, pilots_for=8),
    Fault("site: away", away, pilots_for=30),
)
