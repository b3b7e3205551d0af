"""`sacct`: what has ever been submitted. There are no steps here: all lists are as with `-X`."""

from __future__ import annotations

import pwd
import time

from . import clock, store, wake
from .arguments import Arguments, Grammar, UsageError
from .columns import emit
from .errors import Refused
from .job import Job
from .sacct_fields import Column, columns
from .site import site, user

_GRAMMAR = Grammar(
    {
        "allocations": "X",
        "noheader": "n",
        "parsable2": "P",
        "parsable": "p",
        "delimiter=": "",
        "jobs=": "j",
        "name=": "",
        "user=": "u",
        "allusers": "a",
        "starttime=": "S",
        "endtime=": "E",
        "format=": "o",
    }
)
_DEFAULT = "jobid,jobname,partition,account,alloccpus,state,exitcode"


def main(arguments: list[str]) -> int:
    """Lists the records that match. Ids and names that are not known are no error."""
    try:
        given = _GRAMMAR.parse(arguments)
    except UsageError as problem:
        raise Refused(f"sacct: {problem}") from None
    options = given.last()
    shown = columns(options.get("format", _DEFAULT))
    here = site()
    with store.opened(here.folder) as jobs:
        wake.ensure_controller(here.folder, jobs)
        known = jobs.since(_start(options))
    _show(shown, _matching(given, known), options)
    return 0


def _start(options: dict[str, str]) -> float:
    now = time.time()
    if "starttime" in options:
        return clock.parsed(options["starttime"], now)
    return 0 if options.get("jobs") else clock.midnight(now)


def _matching(given: Arguments, known: list[Job]) -> list[Job]:
    options = given.last()
    ids, names = _ids(options.get("jobs", "")), _words(options.get("name", ""))
    owners = set() if "allusers" in options else _words(options.get("user", "")) or {user()}
    _check_owners(owners, known)
    before = clock.parsed(options.get("endtime", "now"), time.time())
    return [
        job
        for job in known
        if (not ids or job.id in ids)
        and (not names or job.name in names)
        and (not owners or job.owner in owners)
        and job.submitted <= before
    ]


def _words(text: str) -> set[str]:
    return {word for word in text.split(",") if word}


def _ids(text: str) -> set[int]:
    words = _words(text)
    for word in sorted(words):
        if not word.isdecimal():
            raise Refused(f"sacct: fatal: Bad job/step specified: {word}")
    return {int(word) for word in words}


def _check_owners(owners: set[str], known: list[Job]) -> None:
    for name in sorted(owners - {user(), *(job.owner for job in known)}):
        try:
            pwd.getpwnam(name)
        except KeyError:
            raise Refused(f"sacct: error: Invalid user id: {name}") from None


def _show(shown: list[Column], jobs: list[Job], options: dict[str, str]) -> None:
    lines = [] if "noheader" in options else _header(shown, options)
    lines += [_line([column.field.value(job) for column in shown], shown, options) for job in jobs]
    emit(lines)


def _header(shown: list[Column], options: dict[str, str]) -> list[str]:
    lines = [_line([column.field.header for column in shown], shown, options)]
    if not {"parsable", "parsable2"} & options.keys():
        lines.append("".join("-" * abs(column.width) + " " for column in shown))
    return lines


def _line(cells: list[str], shown: list[Column], options: dict[str, str]) -> str:
    delimiter = options.get("delimiter", "|")
    if "parsable2" in options:
        return delimiter.join(cells)
    if "parsable" in options:
        return "".join(cell + delimiter for cell in cells)
    return "".join(column.cell(cell) + " " for column, cell in zip(shown, cells, strict=True))
