"""Torque's four daemons, from where it is installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab import torque_conf as conf
from tests.e2e.lab.daemons import ENVIRONMENT, Daemon, Supervisor
from tests.e2e.lab.host import Host

INSTALLED = Path(os.environ.get("TORQUE_PREFIX", "/opt/torque"))
AROUND: Mapping[str, str] = {"PATH": f"{INSTALLED}/bin:{INSTALLED}/sbin:{ENVIRONMENT['PATH']}"}
"""What its commands are to be found by."""
_IN_FOREGROUND = {"PBSDEBUG": "1"}
# $1: the program; $2: its folder, in which there is nothing when it starts for the first time
_SERVER = """\
if [ -e "$2/server_priv/serverdb" ]; then exec "$1" -F; else exec "$1" -F -f -t create; fi
"""
_NO_AUTHD = 33
"""The exit code of a command that does not find trqauthd."""


@dataclass(frozen=True)
class TorqueDaemons:
    """None of them runs yet."""

    authd: Daemon
    """Tells the server who runs a command; without it there are none."""
    server: Daemon
    scheduler: Daemon
    """Does nothing until the server calls it."""
    mom: Daemon
    """The node's."""

    @property
    def all(self) -> tuple[Daemon, ...]:
        """In the order in which they can be started."""
        return (self.authd, self.server, self.scheduler, self.mom)


def torque_daemons(supervisor: Supervisor, folder: Path, login: Host, node: Host) -> TorqueDaemons:
    """Those of a login node and of the node behind it, with their logs in the folder."""

    def code(*argv: str) -> int:
        return login.attempt(argv, AROUND).returncode

    def daemon(where: Host, is_ready: Callable[[], bool], name: str, *options: str) -> Daemon:
        argv = [*where.enter, str(INSTALLED / "sbin" / name), *options]
        return Daemon(supervisor, argv, folder / f"{name}.log", is_ready, {**AROUND, **_IN_FOREGROUND})

    server = daemon(login, lambda: code("qstat", "-B") == 0, "pbs_server")
    server.argv = [*login.enter, "sh", "-c", _SERVER, "sh", server.argv[-1], conf.HOME]
    return TorqueDaemons(
        authd=daemon(login, lambda: code("qstat", "-B") != _NO_AUTHD, "trqauthd", "-F"),
        server=server,
        scheduler=daemon(login, lambda: True, "pbs_sched"),
        mom=daemon(node, lambda: code("momctl", "-d0", "-h", conf.NODE) == 0, "pbs_mom", "-F", "-p"),
    )
