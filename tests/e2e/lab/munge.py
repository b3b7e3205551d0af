"""A munged of the lab's own: own key, own socket."""

from __future__ import annotations

import os
from pathlib import Path

from tests.e2e.lab.daemons import Daemon, Supervisor, attempt

_KEY_BYTES = 128


def munged(supervisor: Supervisor, folder: Path) -> tuple[Daemon, Path]:
    """The daemon (not started) and its socket, which every account of this machine may use.

    It runs as root in root's folders: munged refuses folders that another account could write to.
    """
    folder.mkdir(mode=0o755)
    key, socket, log = folder / "munge.key", folder / "socket", folder / "munged.log"
    key.touch(mode=0o400)
    key.write_bytes(os.urandom(_KEY_BYTES))
    argv = [
        "munged",
        "--foreground",
        f"--key-file={key}",
        f"--socket={socket}",
        f"--pid-file={folder / 'munged.pid'}",
        f"--log-file={log}",
        f"--seed-file={folder / 'munged.seed'}",
    ]
    return Daemon(supervisor, argv, log, lambda: _answers(socket)), socket


def _answers(socket: Path) -> bool:
    return attempt(["munge", "--no-input", f"--socket={socket}"]).returncode == 0
