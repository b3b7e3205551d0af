"""Writes several files, each whole or not at all, and none over another."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hosted_ce.cli.errors import CliError, Misuse

_MODE = 0o644


def write_whole(files: Mapping[Path, str], *, force: bool) -> None:
    """Writes all files with mode 0644. Raises Misuse where one is there already and `force` is not given.

    Texts are all written beside their places before the first takes its place.
    """
    present = [path for path in files if path.exists()]
    if present and not force:
        raise Misuse(f"{present[0]} is there already", "--force writes over it; `-o FILE` takes another name")
    waiting: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            waiting[path] = _write_beside(path, text)
        for path, written in waiting.items():
            _put(written, path, force=force)
    except OSError as error:
        raise CliError(f"{error.filename or 'the files'} cannot be written: {error.strerror}") from error
    finally:
        for written in waiting.values():
            with contextlib.suppress(OSError):
                written.unlink()


def _write_beside(path: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(text.encode("utf-8", errors="surrogateescape"))
        stream.flush()
        os.fsync(stream.fileno())
        os.fchmod(stream.fileno(), _MODE)
    return Path(name)


def _put(written: Path, path: Path, *, force: bool) -> None:
    if force:
        written.replace(path)
    else:
        path.hardlink_to(written)  # unlike a renaming, this never replaces what came in the meantime
