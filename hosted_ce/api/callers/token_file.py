"""The file with the API's token."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path

TOKEN_BYTES = 32
TOKEN = re.compile(r"[\x21-\x7e]{16,512}\Z")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class TokenUnusable(Exception):
    """The token file cannot be used as it is."""


def ensure_token(path: Path) -> str:
    """The token in the file at `path`; a new random one is made when there is no such file.

    The file is readable by its owner alone. It appears with its content or not at all, so that a process that
    starts at the same time reads the same token. Raises TokenUnusable, OSError.
    """
    with contextlib.suppress(FileNotFoundError):
        return _read(path)
    _create(path, secrets.token_urlsafe(TOKEN_BYTES))
    return _read(path)


def _read(path: Path) -> str:
    with path.open("rb") as source:
        status = os.fstat(source.fileno())
        if status.st_mode & OTHERS:
            raise TokenUnusable(
                f"{path} has mode {stat.S_IMODE(status.st_mode):04o}, so others than its owner may have read "
                f"or changed it. Run: chmod 600 {path} (or delete it: a new token is made at the next start)"
            )
        text = source.read().decode("latin-1").strip()
    if not TOKEN.match(text):
        raise TokenUnusable(
            f"{path} has no usable token: it must be one line of 16 to 512 printable ASCII characters "
            "without spaces. Delete the file: a new token is made at the next start"
        )
    return text


def _create(path: Path, token: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # O_EXCL, mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as sink:
            sink.write(token + "\n")
            sink.flush()
            os.fsync(sink.fileno())
        # A link, unlike a rename, does not replace what another process has put there meanwhile.
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
