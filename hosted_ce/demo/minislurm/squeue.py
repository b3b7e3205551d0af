"""`squeue`: what waits, runs and ended lately."""

from __future__ import annotations

import pwd
import sys
import time
from collections.abc import Callable

from . import store, wake
from .arguments import Arguments, Grammar, UsageError
from .columns import Formats, Layout, show
from .errors import Refused
from .job import Job, State
from .site import site, user
from .squeue_fields import FIELDS, LETTERS

_GRAMMAR = Grammar(
    {
        "noheader": "h",
        "all": "a",
        "states=": "t",
        "user=": "u",
        "me": "",
        "jobs=": "j",
        "name=": "n",
        "partition=": "p",
        "format=": "o",
        "Format=": "O",
    }
)
_DEFAULT = "%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R"
_UNFINISHED = (State.PENDING, State.RUNNING, State.COMPLETING)


def main(arguments: list[str]) -> int:
    """Lists jobs. It is no error when there are none, unless one was asked for by id and is not known."""
    try:
        given = _GRAMMAR.parse(arguments)
    except UsageError as problem:
        raise Refused(f"squeue: {problem}", 'Try "squeue --help" for more information') from None
    if given.operands:
        raise Refused(f"squeue: error: Unrecognized option: {given.operands[0]}")
    layout = _layout(given)
    here = site()
    with store.opened(here.folder) as jobs:
        wake.ensure_controller(here.folder, jobs)
        listed = jobs.since(time.time() - here.min_job_age_s)
    options = given.last()
    wanted = _wanted(options, listed)
    show(layout, [job for job in listed if wanted(job)], header="noheader" not in options)
    return 0


def _layout(given: Arguments) -> Layout[Job]:
    options = given.last()
    if "format" in options and "Format" in options:
        raise Refused("squeue: error: -O (--Format) is incompatible with -o (--format)")
    formats = Formats("squeue", FIELDS, LETTERS)
    if "Format" in options:
        return formats.long(options["Format"])
    return formats.short(options.get("format", _DEFAULT))


def _wanted(options: dict[str, str], listed: list[Job]) -> Callable[[Job], bool]:
    states = _states(options.get("states"))
    names, partitions = _names(options.get("name")), _names(options.get("partition"))
    ids = _ids(options.get("jobs"), listed)
    owners = {user()} if "me" in options else _owners(options.get("user"), listed)

    def wanted(job: Job) -> bool:
        return (
            job.shown_state in states
            and (names is None or job.name in names)
            and (partitions is None or job.partition in partitions)
            and (ids is None or job.id in ids)
            and (owners is None or job.owner in owners)
        )

    return wanted


def _states(text: str | None) -> set[State]:
    if text is None:
        return set(_UNFINISHED)
    if text.lower() == "all":
        return set(State)
    return {_state(word) for word in text.split(",")}


def _state(word: str) -> State:
    for state in State:
        if word.upper() in (state, state.compact):
            return state
    valid = ",".join(State)
    raise Refused(
        f"squeue: error: Invalid job state specified: {word}",
        f"squeue: error: Valid job states include: {valid}",
    )


def _names(text: str | None) -> set[str] | None:
    return set(text.split(",")) if text else None


def _ids(text: str | None, listed: list[Job]) -> set[int] | None:
    if not text:
        return None
    words = text.split(",")
    for word in words:
        if not word.isdecimal():
            raise Refused(f"squeue: error: Invalid job id: {word}")
    ids = {int(word) for word in words}
    if len(words) == 1 and not ids & {job.id for job in listed}:  # Slurm complains of one, not of several.
        raise Refused("slurm_load_jobs error: Invalid job id specified")
    return ids


def _owners(text: str | None, listed: list[Job]) -> set[str] | None:
    if not text:
        return None
    known = {user(), *(job.owner for job in listed)}
    owners = set(text.split(","))
    for name in sorted(owners - known):
        if not _is_account(name):
            print(f"squeue: error: Invalid user: {name}", file=sys.stderr)
    return owners


def _is_account(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
