"""The demo login node's keys: made once, kept as files, so that a restart is the same host."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import asyncssh

_ALGORITHM = "ssh-ed25519"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the login node is, and the one key that it lets in."""

    host_key: asyncssh.SSHKey
    client_key: asyncssh.SSHKey
    client_key_file: Path


def identity(folder: Path) -> Identity:
    """The keys kept in `folder`, made where they are missing; each file is readable for the owner only."""
    client_key_file = folder / "id_ed25519"
    return Identity(
        host_key=_kept(folder / "ssh_host_ed25519_key"),
        client_key=_kept(client_key_file),
        client_key_file=client_key_file,
    )


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Writes a file so that a reader sees the old content or the new, never a part."""
    draft = path.with_name(path.name + ".new")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
    draft.rename(path)


def _kept(path: Path) -> asyncssh.SSHKey:
    if not path.exists():
        write_whole(path, asyncssh.generate_private_key(_ALGORITHM).export_private_key(), 0o600)
    return asyncssh.read_private_key(path)
