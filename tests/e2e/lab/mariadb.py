"""A MariaDB of the lab's own for slurmdbd: a Unix socket only, small, and careless of power cuts."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.lab.daemons import Daemon, Supervisor, attempt, run

_OPTIONS = (
    "--no-defaults",
    "--user=root",
    "--skip-networking",
    "--skip-name-resolve",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=8M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-lock-wait-timeout=900",  # slurmdbd complains about less
    "--performance-schema=0",
    "--max-connections=20",
)

_INSTALL_OPTIONS = (
    "--skip-test-db",
    "--auth-root-authentication-method=socket",
    "--force",  # also where the host's name cannot be looked up
)


def mariadbd(supervisor: Supervisor, folder: Path) -> tuple[Daemon, Path]:
    """The daemon (not started, its system tables made) and its socket; this machine's root is its root."""
    folder.mkdir(mode=0o700)
    socket = folder / "socket"
    options = [*_OPTIONS, f"--datadir={folder / 'data'}"]
    run(["mariadb-install-db", *options, *_INSTALL_OPTIONS])
    argv = ["mariadbd", *options, f"--socket={socket}", f"--pid-file={folder / 'mariadbd.pid'}"]
    return Daemon(supervisor, argv, folder / "mariadbd.log", lambda: _answers(socket)), socket


def _answers(socket: Path) -> bool:
    ping = ["mariadb-admin", "--no-defaults", f"--socket={socket}", "ping"]
    return attempt(ping).returncode == 0
