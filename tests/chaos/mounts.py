"""Small disks for the CE's state and the site's spool, in a mount namespace that ends with the campaign."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_CLONE_NEWNS = 0x00020000


def own_namespace() -> None:
    """What is mounted from now on only this process and its children see. To be called first of all."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare: the campaign needs root, and may not be confined")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


class Disk:
    """A file system in memory of a few megabytes."""

    def __init__(self, folder: Path, megabytes: int, owner: str | None = None):
        self.folder, self._owner = folder, owner
        folder.mkdir(parents=True, exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder))
        if owner:
            shutil.chown(folder, owner, owner)

    def close(self) -> None:
        """Gone, with all that is in it."""
        _run("umount", "--lazy", str(self.folder))

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is left."""
        ballast = self.folder / ".ballast"
        _fill(ballast)
        try:
            yield
        finally:
            ballast.unlink(missing_ok=True)

    @contextlib.contextmanager
    def without_inodes(self) -> Iterator[None]:
        """No file can be made, as with a quota of files that is used up."""
        used = os.statvfs(self.folder)
        _run("mount", "-o", f"remount,nr_inodes={used.f_files - used.f_ffree}", str(self.folder))
        try:
            yield
        finally:
            _run("mount", "-o", f"remount,nr_inodes={used.f_files}", str(self.folder))

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """Nothing can be written. False start: files open for writing keep it writable."""
        _run("mount", "-o", "remount,ro", str(self.folder))
        try:
            yield
        finally:
            _run("mount", "-o", "remount,rw", str(self.folder))

    def wipe(self) -> None:
        """Removes all that is in it, as an administrator does."""
        for entry in self.folder.iterdir():
            shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as sink:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    sink.write(b"x" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.returncode, f"{' '.join(argv)}: {done.stderr.strip()}")
