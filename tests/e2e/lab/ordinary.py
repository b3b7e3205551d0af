"""Running the project's Python as an ordinary account, also where only root may enter the folders it is in.

A checkout or an interpreter below /root is common on test machines. An ordinary account gets there in a mount
namespace of its own, in which /root is an empty folder but for what Python needs.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.e2e.lab.account import Account

_PROJECT = Path(__file__).parents[3]

# $1: folders to be opened, $2: what must be found below them, a line each; then the program
_OPEN = """\
set -e
closed=$1 needed=$2
shift 2
stash=$(mktemp -d)
mount -t tmpfs tmpfs "$stash"
for path in $needed; do mkdir -p "$stash$path" && mount --rbind "$path" "$stash$path"; done
for path in $closed; do mount -t tmpfs -o mode=755 tmpfs "$path"; done
for path in $needed; do mkdir -p "$path" && mount --rbind "$stash$path" "$path"; done
umount --recursive "$stash"
rmdir "$stash"
exec "$@"
"""


def as_account(account: Account, argv: Sequence[str]) -> list[str]:
    """What root runs so that `argv` runs as the account; the account's environment is the caller's to set.

    The process that root starts becomes the program: its process id and its signals are the program's.
    """
    become = ["setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups", *argv]
    needed = [path for path in _python() if _closed_above(path)]
    if not needed:
        return become
    closed = {_closed_above(path) for path in needed}
    return ["unshare", "--mount", "sh", "-c", _OPEN, "sh", _lines(closed), _lines(needed), *become]


def _python() -> set[Path]:
    return {_PROJECT, Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}


def _closed_above(path: Path) -> Path | None:
    """The uppermost folder on the way to `path` that only its owner may enter."""
    above = [folder for folder in reversed(path.parents) if not folder.stat().st_mode & stat.S_IXOTH]
    return above[0] if above else None


def _lines(paths: Iterable[Path | None]) -> str:
    return "\n".join(sorted(os.fspath(path) for path in paths if path))
