"""What Grid Engine tells of itself: qstat -help, qconf and qacct, as pure text in and text out.

Six commands. A queue's setting can differ between its hosts: `24:00:00,[@gpu=48:00:00]`. Of limits, the most
generous counts: a job that no host can take is certainly refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from bosco.batch.answers import said
from bosco.batch.asking import Answers, most, number
from bosco.batch.facts import BatchFacts, Limits, NodeShape, Queue, Records
from bosco.batch.model import CommandResult
from bosco.batch.protocol import Command, Dialogue
from bosco.batch.sge.records import megabytes

VERSION = ("qstat", "-help")
CONFIGURATION = ("qconf", "-sconf")
QUEUES = ("qconf", "-sq", "*")
RESOURCES = ("qconf", "-sc")
ACCOUNTED = ("qacct", "-j", "1")
HOSTS = ("qhost",)
NOT_FOUND = (b" not found", b"no jobs running since startup")
NO_FILE = (b"No such file or directory",)
_OVERRIDE = re.compile(r"\[[^\]=]*=([^\]]*)\]")
_TIME = re.compile(r"(?:\d{1,6}:){0,2}\d{1,9}\Z")
_LISTS = ("user_lists", "xuser_lists", "projects", "xprojects")


def probe(*, parallel_environment: str, memory_resource: str, gpu_resource: str) -> Dialogue[BatchFacts]:
    """What Grid Engine is. The arguments are what the site file says of it."""
    answers = Answers()
    first = answers.text((yield Command(VERSION)), VERSION[0], "version").splitlines()[:1]
    config = dict(_pairs(answers.text((yield Command(CONFIGURATION)), CONFIGURATION[0], "most_jobs")))
    told = answers.text((yield Command(QUEUES)), QUEUES[0], "queues")
    resources = _names(answers.text((yield Command(RESOURCES)), RESOURCES[0], "limits"))
    blocks = [dict(_pairs(block)) for block in re.split(r"^(?=qname\s)", told, flags=re.MULTILINE)]
    rows = [block for block in blocks if "qname" in block]
    gpus = 0 if resources and gpu_resource not in resources else None
    hosts = answers.text((yield Command(HOSTS)), HOSTS[0], "shapes")
    answers.missing("default_queue", "Grid Engine chooses a queue for each job")
    facts = BatchFacts(
        name="Grid Engine",
        version=first[0].strip() if first else None,
        queues=tuple(map(_queue, rows)),
        limits=Limits(gpus=gpus),
        shapes=None if "shapes" in answers.unknown else _shapes(hosts, gpus),
        most_jobs=_positive(config.get("max_u_jobs", "")),
        records=_records((yield Command(ACCOUNTED)), config, answers),
        remembers_s=0,
        problems=tuple(_problems(rows, resources, parallel_environment, memory_resource)),
    )
    return answers.complete(facts)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\\\n", " ").splitlines():
        name, _, value = line.strip().partition(" ")
        if name and not name.startswith("#"):
            yield name, value.strip()


def _names(text: str) -> set[str]:
    """Resources, by their names and their shortcuts."""
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {word for words in lines for word in words[:2]}


def _queue(row: Mapping[str, str]) -> Queue:
    lists = [f"{name}={row[name]}" for name in _LISTS if row.get(name, "NONE") != "NONE"]
    why = f"{', '.join(lists)}: who is in them is not asked" if lists else None
    batch = "BATCH" in row.get("qtype", "BATCH")
    limits = Limits(
        walltime_s=_longest(row.get("h_rt", "")),
        cpus=most(*(_positive(value) for value in _values(row.get("slots", "")))),
    )
    return Queue(row["qname"], batch, None if lists else True, why if batch else "qtype is not BATCH", limits)


def _shapes(text: str, gpus: int | None) -> tuple[NodeShape, ...]:
    """Columns are told by their titles: releases have more or fewer. How busy a host is, is a load, no number
    of cores.
    """
    titles: list[str] = []
    found: Counter[tuple[int, int | None]] = Counter()
    for line in text.splitlines():
        words = line.split()
        if "NCPU" in words and "MEMTOT" in words:
            titles = words
        row = dict(zip(titles, words, strict=False))
        if (cpus := number(row.get("NCPU"))) is not None:
            found[cpus, megabytes(row["MEMTOT"])] += 1
    return tuple(NodeShape(None, nodes, cpus, memory, gpus) for (cpus, memory), nodes in found.items())


def _values(text: str) -> Iterator[str]:
    """A setting, and what it is at single hosts."""
    yield _OVERRIDE.sub("", text).strip(", ")
    yield from (value.strip() for value in _OVERRIDE.findall(text))


def _longest(text: str) -> int | None:
    seconds = [_seconds(value) for value in _values(text)]
    return None if None in seconds else most(*seconds)


def _seconds(text: str) -> int | None:
    """Of `24:00:00` or `86400`. INFINITY is None."""
    if not _TIME.match(text):
        return None
    total = 0
    for part in text.split(":"):
        total = total * 60 + int(part)
    return total


def _positive(text: str) -> int | None:
    return number(text) or None


def _problems(
    rows: list[dict[str, str]], resources: set[str], parallel_environment: str, memory_resource: str
) -> Iterator[str]:
    offered = {name for row in rows for value in _values(row.get("pe_list", "")) for name in value.split()}
    if rows and parallel_environment not in offered:
        there = ", ".join(sorted(offered - {"NONE"})) or "none"
        yield (
            f"no queue has the parallel environment {parallel_environment}, which pilots of several cores "
            f"ask for (there: {there}): set batch_options.parallel_environment"
        )
    if memory_resource and resources and memory_resource not in resources:
        yield (
            f"there is no resource {memory_resource}: set batch_options.memory_resource to one that "
            "`qconf -sc` lists"
        )


def _records(result: CommandResult, config: Mapping[str, str], answers: Answers) -> Records:
    if "accounting=false" in config.get("reporting_params", ""):
        answers.missing("records", "its configuration says accounting=false")
        return Records.OFF
    lines = [line for line in (result.stdout + b"\n" + result.stderr).splitlines() if line.strip()]
    found = result.exit_code == 0 or (lines and all(_says(line, *NOT_FOUND) for line in lines))
    if result.complete and found:
        return Records.ON
    answers.missing("records", f"qacct: {said(result)}")
    # No file: nothing has ended yet, or it is on another machine. That is not for us to decide.
    return Records.UNKNOWN if any(_says(line, *NO_FILE) for line in lines) else Records.AWAY


def _says(line: bytes, *texts: bytes) -> bool:
    return any(text in line for text in texts)
