"""Writes the site file and the letter, and never over what a person has changed."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.whole_files import write_whole

SUMS = "SHA256SUMS"
"""Of the files as they were written, as sha256sum prints them: what differs from it was changed by hand."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written. With a `diff` it is beside its place: what is there was changed by hand."""

    path: Path
    diff: str = ""


def write_results(folder: Path, texts: Mapping[str, str]) -> list[Written]:
    """Writes each text under its name, or beside it as NAME.new; says which were written.

    What is there already as it is to be is not written again.
    """
    sums = _read_sums(folder)
    files: dict[Path, str] = {}
    written = []
    for name, text in texts.items():
        present = _read(folder / name)
        if present == text:
            continue
        if present is None or _sum(present) in (sums.get(name), sums.get(f"{name}.new")):
            target, diff = folder / name, ""
        else:
            target, diff = folder / f"{name}.new", _diff(name, present, text)
        files[target] = text
        sums[target.name] = _sum(text)
        written.append(Written(target, diff))
    if files:
        lines = "".join(f"{value}  {name}\n" for name, value in sums.items())
        write_whole(files | {folder / SUMS: lines}, force=True)
    return written


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}") from error


def _read_sums(folder: Path) -> dict[str, str]:
    return dict(_pairs(_read(folder / SUMS) or ""))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        value, gap, name = line.partition("  ")
        if gap:
            yield name, value


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()


def _diff(name: str, old: str, new: str) -> str:
    return "".join(
        difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), name, f"{name}.new"
        )
    )
