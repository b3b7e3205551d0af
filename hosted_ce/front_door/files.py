"""The front door's folder: made with the right modes, and filled."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hosted_ce.front_door.errors import UnfitState
from hosted_ce.front_door.layout import Layout

FOLDER_MODE = 0o700
FILE_MODE = 0o600

_KEY_BYTES = 32


def prepare_folders(layout: Layout) -> None:
    """Makes the folders, for our account only. Raises UnfitState if one is not, or cannot be, ours."""
    try:
        layout.folder.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        for folder in layout.folders():
            with suppress(FileExistsError):
                folder.mkdir(mode=FOLDER_MODE)
            _own(folder)
    except OSError as error:
        raise UnfitState(
            f"{error.filename} cannot be made: {error.strerror}; check the state folder"
        ) from error


def write_files(texts: Mapping[Path, str]) -> list[Path]:
    """Writes the files that are not so yet, each at once or not at all; returns those."""
    outdated = [path for path, text in texts.items() if read_text(path) != text]
    try:
        for path in outdated:
            _replace(path, texts[path])
    except OSError as error:
        raise UnfitState(f"{error.filename} cannot be written: {error.strerror}") from error
    return outdated


def make_signing_key(layout: Layout) -> bool:
    """Makes the key that signs IDTOKENs, unless there is one; whether it was made."""
    try:
        descriptor = os.open(layout.signing_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(_KEY_BYTES))
    return True


def read_text(path: Path) -> str | None:
    """What is in the file; None if there is none. Raises UnfitState if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnfitState(
            f"{path} cannot be read: {error.strerror}; run this as the service's user"
        ) from error


def _own(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise UnfitState(f"{folder} is not a folder; move it away")
    if found.st_uid != os.geteuid():
        raise UnfitState(
            f"{folder} belongs to user {found.st_uid}, not to us (user {os.geteuid()}); "
            "run this as the service's user"
        )
    if stat.S_IMODE(found.st_mode) != FOLDER_MODE:
        folder.chmod(FOLDER_MODE)


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        beside.unlink()
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
