"""Collects parts, masks their secrets, packs them, and looks at what was packed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from hosted_ce import __version__
from hosted_ce.cli.errors import CliError
from hosted_ce.redaction import MASK, Redactor

Collector = Callable[[], Any]
"""Gives a part: a text, or values of JSON's kinds. Whatever it raises says why the part cannot be had."""

FOLDER = "hosted-ce-support"
MANIFEST = "manifest.json"
MODE = 0o600
LEFT_OUT = (
    "keys, tokens, proxies and passwords: masked wherever they were found",
    "values of environments and prologues in the site file; its comments",
    "pilots' arguments, environments, input files and outputs",
    "private files of the front door (passwords.d, tokens.d): their names and sizes only",
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The parts, as they are packed, and why others are missing."""

    parts: Mapping[str, str]
    missing: Mapping[str, str]

    def manifest(self, made_at: str) -> dict[str, Any]:
        """What is in it, and what is not."""
        return {
            "made_at": made_at,
            "made_by": f"hosted-ce {__version__}",
            "parts": [_described(name, text) for name, text in sorted(self.parts.items())],
            "missing": dict(sorted(self.missing.items())),
            "left_out": list(LEFT_OUT),
        }


def collected(collectors: Mapping[str, Collector], redactor: Redactor) -> Bundle:
    """Every part that can be had. Names that end in .json have values, others have text."""
    parts: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name, collect in collectors.items():
        try:
            found = collect()
        except Exception as error:  # whatever it is: the other parts are wanted all the more
            missing[name] = redactor.text(str(error) or type(error).__name__)
            continue
        parts[name] = redactor.text(found) if isinstance(found, str) else _json(redactor.value(found))
    return Bundle(parts, missing)


def write(bundle: Bundle, path: Path, manifest: Mapping[str, Any], redactor: Redactor) -> None:
    """Writes it, for its owner alone; nothing stays if a secret is found in it. Raises CliError."""
    try:
        with path.open("xb") as sink:
            try:
                _pack(bundle, sink, manifest)
            except BaseException:
                path.unlink()
                raise
    except FileExistsError as error:
        raise CliError(f"{path} is there already; -o takes another name") from error
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}") from error
    if found := secrets_in(path, redactor):
        path.unlink()
        raise CliError(
            f"a secret was about to get into {', '.join(found)}: the bundle was deleted",
            "that is a mistake of this program: please report it, with these names",
        )


def _pack(bundle: Bundle, sink: BinaryIO, manifest: Mapping[str, Any]) -> None:
    os.fchmod(sink.fileno(), MODE)
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        for name, text in {MANIFEST: _json(manifest), **bundle.parts}.items():
            _add(archive, name, text, str(manifest["made_at"]))
    sink.flush()


def secrets_in(path: Path, redactor: Redactor) -> list[str]:
    """The names of the parts of this bundle that show a secret."""
    with tarfile.open(path) as archive:
        texts = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return [
            name
            for name, file in texts.items()
            if file and redactor.shows(file.read().decode("utf-8", "replace"))
        ]


def _add(archive: tarfile.TarFile, name: str, text: str, made_at: str) -> None:
    from datetime import datetime

    content = text.encode("utf-8", "backslashreplace")
    member = tarfile.TarInfo(f"{FOLDER}/{name}")
    member.size, member.mode = len(content), MODE
    member.mtime = int(datetime.fromisoformat(made_at).timestamp())
    archive.addfile(member, io.BytesIO(content))


def _described(name: str, text: str) -> dict[str, Any]:
    content = text.encode("utf-8", "backslashreplace")
    return {
        "name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(),
        "masked": text.count(MASK),
    }  # fmt: skip


def _json(found: Any) -> str:
    return json.dumps(found, indent=2, default=str) + "\n"
