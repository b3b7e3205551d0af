"""Writes several files, each whole or not at all, and none over another."""

from __future__ import annotations

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
    for path in files:
        if path.exists() and not force:
            raise _present(path)
    waiting: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            waiting[path] = _write_beside(path, text)
        _put_all(waiting, force=force)
    except OSError as error:
        raise CliError(f"{error.filename or 'the files'} cannot be written: {error.strerror}") from error
    finally:
        for written in waiting.values():
            written.unlink(missing_ok=True)


def _present(path: Path) -> Misuse:
    return Misuse(f"{path} is there already", "--force writes over it; `-o FILE` takes another name")


def _write_beside(path: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(text.encode("utf-8", errors="surrogateescape"))
        stream.flush()
        os.fsync(stream.fileno())
        os.fchmod(stream.fileno(), _MODE)
    return Path(name)


def _put_all(waiting: Mapping[Path, Path], *, force: bool) -> None:
    placed: list[Path] = []
    for path, written in waiting.items():
        if force:
            written.replace(path)
            continue
        try:
            path.hardlink_to(written)  # unlike a renaming, this never replaces what came in the meantime
        except FileExistsError as error:
            for done in placed:
                done.unlink()
            raise _present(path) from error
        placed.append(path)
