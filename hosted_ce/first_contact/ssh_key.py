"""The CE's own SSH key: made once, never written over."""

from __future__ import annotations

import os
from pathlib import Path

import asyncssh

from hosted_ce.first_contact.errors import KeyTrouble

_PRIVATE, _PUBLIC = 0o600, 0o644


def ensure_key(path: Path, comment: str) -> tuple[str, bool]:
    """The line of the public key that belongs to the private one at `path`, and whether both were made now.

    An ed25519 key without a passphrase, with mode 0600, and the public one beside it in `path`.pub. A key
    that is there stays as it is, and so does its comment. Raises KeyTrouble.
    """
    try:
        made = _make(path, comment)
        key = asyncssh.read_private_key(str(path))
        public = key.export_public_key().decode().strip()
        _write_public(path.with_name(f"{path.name}.pub"), public)
    except asyncssh.KeyImportError as error:
        raise KeyTrouble(
            f"{path} is there, and is no private key that a service can use ({error}): the CE needs one "
            "without a passphrase; move it away, and a new one is made"
        ) from error
    except OSError as error:
        raise KeyTrouble(
            f"{error.filename or path}: {error.strerror}; name a folder that you can write to"
        ) from error
    return public, made


def _make(path: Path, comment: str) -> bool:
    """Never in the place of a file that is there. A key that is half written has another name yet."""
    if path.exists():
        return False
    text = asyncssh.generate_private_key("ssh-ed25519", comment=comment).export_private_key()
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write_new(half, text, _PRIVATE)
        os.link(half, path)  # unlike a renaming, this never replaces a file
    finally:
        half.unlink(missing_ok=True)
    return True


def _write_public(path: Path, line: str) -> None:
    if not path.exists():
        _write_new(path, f"{line}\n".encode(), _PUBLIC)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
