"""What Slurm tells of itself: scontrol, sinfo, sacctmgr and sacct, as pure text in and text out.

Four commands. sacctmgr is asked only where associations are enforced, and the account's groups only where a
partition is for groups.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bosco.batch.answers import said
from bosco.batch.asking import Answers, least, most, number, settings
from bosco.batch.facts import BatchFacts, Limits, NodeShape, Queue, Records
from bosco.batch.model import CommandResult
from bosco.batch.protocol import Command, Dialogue
from bosco.batch.slurm.units import count, duration_s

CONFIG = ("scontrol", "show", "config")
PARTITIONS = ("scontrol", "--all", "--oneliner", "show", "partition")
NODES = ("sinfo", "--noheader", "--all", "--exact", "--format=%R|%D|%c|%m|%G|%C")
"""One line for each kind of node in a partition; last come its cores: allocated/idle/other/total."""
GROUPS = ("id", "-Gn")
ASSOCIATED = ("Account", "QOS", "MaxSubmit", "MaxWall")
DISABLED = b"accounting storage is disabled"
_NOBODY = {"ALL", "NONE", "(null)", "N/A", ""}
_GPUS = re.compile(r"gpu(?::[^:,(]+)?:(\d{1,6})(?=[,(]|\Z)")


def associations(user: str) -> tuple[str, ...]:
    """The command that asks what the account may do."""
    fields = f"format={','.join(ASSOCIATED)}"
    return ("sacctmgr", "--noheader", "--parsable2", "show", "associations", f"user={user}", fields)


def records(user: str) -> tuple[str, ...]:
    """The command that asks the records for next to nothing."""
    return ("sacct", "--allocations", "--noheader", "--parsable2", f"--user={user}", "--starttime=now",
            "--format=JobIDRaw")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What the account has. `accounts` and `qos` are None where any name is taken, or it is not known."""

    accounts: tuple[str, ...] | None = None
    qos: tuple[str, ...] | None = None
    most_jobs: int | None = None
    walltime_s: int | None = None
    problems: tuple[str, ...] = ()
    groups: frozenset[str] | None = None


def probe(user: str) -> Dialogue[BatchFacts]:
    """What Slurm is, and what it lets `user` do."""
    answers = Answers()
    config = answers.text((yield Command(CONFIG)), CONFIG[0], "version", "remembers_s")
    said_of = dict(settings(config))
    told = answers.text((yield Command(PARTITIONS)), PARTITIONS[0], "queues", "default_queue")
    rows = [dict(word.partition("=")[::2] for word in line.split()) for line in told.splitlines()]
    shapes = tuple(_shapes(answers.text((yield Command(NODES)), NODES[0], "limits", "shapes")))
    nodes = _largest(shapes)
    allowed = yield from _allowed(user, said_of, rows, answers)
    queues = tuple(_queue(row, nodes, allowed) for row in rows if "PartitionName" in row)
    facts = BatchFacts(
        name="Slurm",
        version=said_of.get("SLURM_VERSION"),
        queues=queues,
        default_queue=next((row["PartitionName"] for row in rows if row.get("Default") == "YES"), None),
        limits=Limits(walltime_s=allowed.walltime_s),
        shapes=None if "shapes" in answers.unknown else shapes,
        most_jobs=allowed.most_jobs,
        accounts=allowed.accounts,
        qos=allowed.qos,
        records=_records((yield Command(records(user))), answers),
        rate_limited="rl_enable" in said_of.get("SlurmctldParameters", "").lower().split(","),
        largest_array=number(said_of.get("MaxArraySize", "")),
        remembers_s=_remembers(said_of.get("MinJobAge", ""), answers),
        problems=allowed.problems,
    )
    return answers.complete(facts)


def _allowed(
    user: str, config: Mapping[str, str], partitions: Sequence[Mapping[str, str]], answers: Answers
) -> Generator[Command, CommandResult, _Allowed]:
    groups = None
    if any(_listed(row.get("AllowGroups")) for row in partitions):
        told = answers.text((yield Command(GROUPS)), GROUPS[0], "groups")
        groups = frozenset(told.split()) or None
    enforced = set(config.get("AccountingStorageEnforce", "").split(","))
    if not enforced & {"associations", "limits", "qos", "safe"}:
        for fact in () if config else ("accounts", "qos", "most_jobs"):
            answers.missing(fact, "whether associations are enforced is not known")
        return _Allowed(groups=groups)
    asked = yield Command(associations(user))
    told = answers.text(asked, "sacctmgr", "accounts", "qos", "most_jobs")
    rows = [dict(zip(ASSOCIATED, line.split("|"), strict=False)) for line in told.splitlines()]
    if not rows:
        silent = "accounts" in answers.unknown
        problem = f"the account {user} has no association in Slurm: it refuses its jobs"
        return _Allowed(groups=groups) if silent else _Allowed((), (), groups=groups, problems=(problem,))
    if not any(row.get("QOS") for row in rows):
        answers.missing("qos", "the account's associations name none")
    return _of(rows, groups, limited=bool(enforced & {"limits", "qos", "safe"}))


def _of(rows: Sequence[Mapping[str, str]], groups: frozenset[str] | None, *, limited: bool) -> _Allowed:
    qos = {name for row in rows for name in row.get("QOS", "").split(",") if name}
    jobs = [count(row.get("MaxSubmit", "")) for row in rows]
    walls = [duration_s(row.get("MaxWall", "")) for row in rows]
    return _Allowed(
        accounts=tuple(sorted({row["Account"] for row in rows})),
        qos=tuple(sorted(qos)) or None,
        # What one association does not limit, it does not limit.
        most_jobs=most(*jobs) if limited and None not in jobs else None,
        walltime_s=most(*walls) if limited and None not in walls else None,
        groups=groups,
    )


def _queue(row: Mapping[str, str], nodes: Mapping[str | None, Limits], allowed: _Allowed) -> Queue:
    name, state = row["PartitionName"], row.get("State", "")
    usable, why = _usable(row, allowed)
    largest = nodes.get(name, Limits())
    limits = Limits(
        walltime_s=duration_s(row.get("MaxTime", "")),
        memory_mb=least(count(row.get("MaxMemPerNode", "")), largest.memory_mb),
        cpus=least(count(row.get("MaxCPUsPerNode", "")), largest.cpus),
        gpus=largest.gpus,
    )
    is_open = state == "UP"
    return Queue(name, is_open, usable, why if is_open else f"State={state}", limits)


def _usable(row: Mapping[str, str], allowed: _Allowed) -> tuple[bool | None, str | None]:
    if row.get("RootOnly") == "YES":
        return False, "RootOnly=YES"
    for key, own in (
        ("AllowGroups", allowed.groups), ("AllowAccounts", allowed.accounts), ("AllowQos", allowed.qos)
    ):  # fmt: skip
        wanted = _listed(row.get(key))
        if wanted and own is None:
            return None, f"{key}={row[key]}, and which of them we are is not known"
        if wanted and own is not None and not wanted & set(own):
            return False, f"{key}={row[key]}"
    denied = _listed(row.get("DenyAccounts"))
    if denied and allowed.accounts and denied >= set(allowed.accounts):
        return False, f"DenyAccounts={row['DenyAccounts']}"
    return True, None


def _listed(text: str | None) -> set[str]:
    return set() if text is None or text in _NOBODY else set(text.split(","))


def _shapes(text: str) -> Iterator[NodeShape]:
    for line in text.splitlines():
        name, *told = line.strip().split("|")
        if len(told) != 5:  # noqa: PLR2004 - of NODES
            continue
        nodes, cpus, memory, gres, use = told
        if (each := _first_number(cpus)) is None:
            continue
        yield NodeShape(
            name, number(nodes) or 0, each, _first_number(memory), sum(map(int, _GPUS.findall(gres))),
            number(use.split("/")[1]) if use.count("/") else None,
        )  # fmt: skip


def _largest(shapes: Iterable[NodeShape]) -> dict[str | None, Limits]:
    """The largest numbers of each partition's nodes."""
    found: dict[str | None, Limits] = {}
    for shape in shapes:
        before = found.get(shape.queue, Limits())
        found[shape.queue] = Limits(
            memory_mb=most(before.memory_mb, shape.memory_mb),
            cpus=most(before.cpus, shape.cpus),
            gpus=most(before.gpus, shape.gpus),
        )
    return found


def _first_number(text: str) -> int | None:
    """Of `64` or `64+`."""
    return number(text.removesuffix("+"))


def _remembers(text: str, answers: Answers) -> int | None:
    seconds = number(text.removesuffix(" sec"))
    if seconds == 0:
        answers.missing("remembers_s", "MinJobAge is 0: ended jobs stay listed")
    return seconds or None


def _records(result: CommandResult, answers: Answers) -> Records:
    if result.complete and result.exit_code == 0 and not result.stderr.strip():
        return Records.ON
    answers.missing("records", f"sacct: {said(result)}")
    return Records.OFF if DISABLED in result.stderr else Records.AWAY
