"""What PBS tells of itself: qstat --version, -B and -Q, and pbsnodes, as pure text in and text out.

Four commands, OpenPBS's qmgr, and Torque's jobs where none runs. The form for people is read, which both have
in common: a line for each attribute, and a line break and a tab where it is too long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bosco.batch.asking import Answers, number, settings
from bosco.batch.facts import BatchFacts, Limits, Queue, Records
from bosco.batch.model import CommandResult
from bosco.batch.pbs import limits, nodes, schedulers, waiting
from bosco.batch.pbs.units import duration_s, memory_mb
from bosco.batch.protocol import Command, Dialogue

VERSION = ("qstat", "--version")
SERVER = ("qstat", "-B", "-f")
QUEUES = ("qstat", "-Q", "-f")
_OPENPBS, _TORQUE = re.compile(r"pbs_version\s*=\s*(\S+)"), re.compile(r"Version:\s*(\S+)")


def probe(user: str, known: str | None) -> Dialogue[BatchFacts]:
    """What PBS is, and what it lets `user` do. `known`: the flavour that the site file names."""
    answers = Answers()
    asked = yield Command(VERSION)
    name, version = _named(asked, known)
    if version is None:
        answers.text(asked, "qstat --version", "version")
        answers.missing("version", "qstat --version names none")
    told = answers.text(
        (yield Command(SERVER)), "qstat -B", "default_queue", "records", "limits", "most_jobs"
    )
    server = next(blocks(told, "Server"), {})
    told = answers.text((yield Command(QUEUES)), "qstat -Q", "queues", "most_jobs")
    rows = list(blocks(told, "Queue"))
    most_jobs = limits.most_jobs(server, rows, user)
    if most_jobs is None:
        answers.missing("most_jobs", "PBS has many kinds of such limits; none that is read is set")
    told = answers.text((yield Command(nodes.COMMAND)), "pbsnodes", "shapes")
    shapes = nodes.shapes(told)
    names = {row["Queue"] for row in rows}
    idle, problems = yield from _idle(name, rows)
    unstarted = (yield from _unstarted(user, rows, told)) if name == "Torque" else ()
    facts = BatchFacts(
        name=name,
        version=version,
        queues=tuple(
            _queue(row, user, idle, limits.within(_limits(row), row["Queue"], shapes, names)) for row in rows
        ),
        default_queue=server.get("default_queue"),
        limits=_limits(server),
        most_jobs=most_jobs,
        shapes=None if "shapes" in answers.unknown else shapes,
        records=_records(name, server, answers),
        remembers_s=_remembers(name, server, answers),
        problems=(*_problems(server), *problems, *unstarted),
    )
    return answers.complete(facts)


def _unstarted(user: str, rows: Sequence[Mapping[str, str]], told: str) -> Dialogue[tuple[str, ...]]:
    """Asks for the jobs only where none runs although some wait."""
    there = nodes.by_name(told)
    if not waiting.free_nodes(rows, there):
        return ()
    listed = yield Command(waiting.COMMAND)
    return waiting.problems(listed.stdout.decode("utf-8", "replace"), user, rows, there)


def _named(result: CommandResult, known: str | None) -> tuple[str, str | None]:
    text = (result.stdout + b"\n" + result.stderr).decode("utf-8", "replace")
    if found := _OPENPBS.search(text):
        return "OpenPBS", found[1]
    if found := _TORQUE.search(text):
        return "Torque", found[1]
    return {"openpbs": "OpenPBS", "torque": "Torque"}.get(known or "", "PBS"), None


def blocks(text: str, kind: str) -> Iterator[dict[str, str]]:
    """The attributes of each server or queue, with its own name under `kind`."""
    for block in re.split(rf"^(?={kind}: )", text.replace("\n\t", ""), flags=re.MULTILINE):
        head, _, rest = block.partition("\n")
        if head.startswith(f"{kind}: "):
            yield {kind: head.removeprefix(f"{kind}: ").strip(), **dict(settings(rest))}


def _idle(name: str, rows: Sequence[Mapping[str, str]]) -> Dialogue[tuple[Mapping[str, str], Sequence[str]]]:
    """Why nothing is started: in some of the queues, by their names, or in all of them."""
    if name != "OpenPBS" or not rows:
        return {}, ()
    idle = schedulers.unserved((yield Command(schedulers.COMMAND, optional=True)), rows)
    if all(row["Queue"] in idle for row in rows if schedulers.is_served(row)):
        return {}, [f"nothing is started: {why}" for why in sorted(set(idle.values()))]
    return idle, ()


def _queue(row: Mapping[str, str], user: str, idle: Mapping[str, str], limits: Limits) -> Queue:
    told = {name: row.get(name, "False, its default") for name in ("enabled", "started")}
    closed = [f"{name} = {value}" for name, value in told.items() if value != "True"]
    closed += [idle[row["Queue"]]] if row["Queue"] in idle else []
    usable, why = _usable(row, user)
    return Queue(row["Queue"], not closed, usable, ", ".join(closed) or why, limits)


def _usable(row: Mapping[str, str], user: str) -> tuple[bool | None, str | None]:
    if row.get("from_route_only") == "True":
        return False, "from_route_only = True"
    if row.get("acl_user_enable") == "True" and not _named_in(row.get("acl_users", ""), user):
        return False, f"acl_users = {row.get('acl_users', '')}"
    for what in ("acl_group_enable", "acl_host_enable"):
        if row.get(what) == "True":
            return None, f"{what} = True: who may is not asked"
    return True, None


def _named_in(acl: str, user: str) -> bool:
    """Entries are `[+-]user[@host]`; the first that fits decides."""
    for entry in re.split(r"[,\s]+", acl):
        name = entry.lstrip("+-").partition("@")[0]
        if name in {user, "*"}:
            return not entry.startswith("-")
    return False


def _limits(row: Mapping[str, str]) -> Limits:
    return Limits(
        walltime_s=duration_s(row.get("resources_max.walltime", "")),
        memory_mb=memory_mb(row.get("resources_max.mem", "")),
        cpus=number(row.get("resources_max.ncpus")),
        gpus=number(row.get("resources_max.ngpus")),
    )


def _records(name: str, server: Mapping[str, str], answers: Answers) -> Records:
    if name == "Torque":
        answers.missing("records", "Torque keeps no records that its users can read")
        return Records.OFF
    if name != "OpenPBS" or not server:
        answers.missing("records", "the server, or which PBS it is, is not known")
        return Records.UNKNOWN
    if server.get("job_history_enable") == "True":
        return Records.ON
    answers.missing("records", "this site keeps no history of PBS jobs (job_history_enable)")
    return Records.OFF


def _remembers(name: str, server: Mapping[str, str], answers: Answers) -> int | None:
    """OpenPBS lists what has ended only if it is asked for its history."""
    if name == "Torque":
        answers.missing("remembers_s", "the server has no keep_completed; its queues may have their own")
        return number(server.get("keep_completed"))
    return 0 if name == "OpenPBS" else None


def _problems(server: Mapping[str, str]) -> Iterator[str]:
    if server.get("scheduling", "True") != "True":
        yield f"nothing is started: scheduling = {server['scheduling']}"
