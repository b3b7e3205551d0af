"""The files in the front door's folder: as the site file asks, and for nobody else."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from hosted_ce.front_door.checks.finding import Finding, failed, passed, warned
from hosted_ce.front_door.checks.subject import Subject
from hosted_ce.front_door.door import Door, door_of
from hosted_ce.front_door.errors import FrontDoorError, ProgramsMissing
from hosted_ce.front_door.files import FILE_MODE, FOLDER_MODE, read_text
from hosted_ce.front_door.programs import condor_version, find_programs

OLDEST = (25, 0)
"""What the front door was tried with; older ones know other settings."""

_WRITE = "run `hosted-ce front-door config`"


def check_files(subject: Subject) -> Iterator[Finding]:
    """Programs, configuration, mapfile, modes."""
    try:
        programs = find_programs(subject.condor_bin)
    except ProgramsMissing as error:
        yield failed("programs", "HTCondor is not found", str(error))
        return
    yield _judge_version(programs.folder, condor_version(programs))
    yield from _check_texts(door_of(subject.site, subject.layout, programs))
    yield _check_modes(subject)


def _judge_version(folder: Path, version: tuple[int, ...] | None) -> Finding:
    if version is None:
        return warned(
            "programs", f"condor_master in {folder} does not say its version", "look at HTCondor's package"
        )
    spelled = ".".join(map(str, version))
    if version < OLDEST:
        return failed(
            "programs", f"HTCondor {spelled} in {folder} is too old", "install HTCondor 25 or later"
        )
    return passed("programs", f"HTCondor {spelled} in {folder}")


def _check_texts(door: Door) -> Iterator[Finding]:
    names = {door.layout.config: "configuration", door.layout.mapfile: "mapfile"}
    try:
        texts = door.texts()
    except FrontDoorError as error:
        yield failed("configuration", str(error), "mend the site file")
        return
    for path, text in texts.items():
        yield _compare(names[path], path, text)


def _compare(name: str, path: Path, wanted: str) -> Finding:
    try:
        found = read_text(path)
    except FrontDoorError as error:
        return failed(name, str(error), "run this as the service's user")
    if found is None:
        return failed(name, f"there is no {path}", _WRITE)
    if found != wanted:
        return failed(
            name, f"{path} is not what the site file asks for", f"{_WRITE}, or start the front door again"
        )
    return passed(name, f"{path} is as the site file asks")


def _check_modes(subject: Subject) -> Finding:
    layout = subject.layout
    if wrong := [*_wrong(layout.folders(), FOLDER_MODE), *_wrong([layout.signing_key], FILE_MODE)]:
        return failed("modes", "; ".join(wrong), f"give them to the service's user alone, or {_WRITE}")
    return passed("modes", f"{layout.folder} and the signing key are for their owner only")


def _wrong(paths: Sequence[Path], mode: int) -> Iterator[str]:
    for path in paths:
        try:
            found = path.lstat()
        except OSError as error:
            yield f"{path}: {error.strerror}"
            continue
        if stat.S_IMODE(found.st_mode) != mode:
            yield f"{path} has mode {stat.S_IMODE(found.st_mode):04o}, not {mode:04o}"
        if os.geteuid() not in (0, found.st_uid):
            yield f"{path} belongs to user {found.st_uid}"
