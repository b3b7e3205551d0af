"""What qstat -f prints, read into jobs: both the form with one line for a job and the one for people. Pure.

`-F dsv` (OpenPBS, PBS Pro) is one line for each job, its parts separated by `|`; a `|` within a value is
`\\|`, a line break `\\n`. The other form has one line for each attribute. OpenPBS folds it with a line break
and a tab; a line break within a value is printed as it is, Torque puts a backslash before it. JSON is not
read: the release 23.06.06 prints JSON that is none as soon as any user's job has a backslash in its
arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

HEAD = "Job Id: "
_ID = re.compile(r"(?P<number>\d{1,19})(?P<array>\[\d*\])?(?:\.(?P<server>[\w.:@-]{1,255}))?\Z")
_PART = re.compile(r"(?:[^\\|]+|\\.)+", re.DOTALL)
_ATTRIBUTE = re.compile(r" {4}([A-Za-z]\w*(?:\.[\w-]+)?) = (.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PbsJob:
    """One job as it was printed."""

    id: str
    attributes: Mapping[str, str]


@dataclass(slots=True)
class PbsJobs:
    """All jobs of an answer, and how many lines or jobs of it could not be read."""

    jobs: list[PbsJob] = field(default_factory=list)
    bad: int = 0


def same_job(one: str, other: str) -> bool:
    """Whether two ids mean one job: servers are named with and without their domain and port."""
    first, second = _ID.match(one), _ID.match(other)
    if not first or not second or first["number"] != second["number"] or first["array"] != second["array"]:
        return False
    hosts = [_host(found["server"]) for found in (first, second) if found["server"]]
    return len(set(hosts)) <= 1


def key(job_id: str) -> str:
    """The same for all ids of one job that name its server."""
    found = _ID.match(job_id)
    return f"{found['number']}{found['array'] or ''}.{_host(found['server'] or '')}" if found else job_id


def is_id(text: str) -> bool:
    """Whether this is the id of a job, an array's too."""
    return bool(_ID.match(text))


def is_array(job_id: str) -> bool:
    """Whether this is an array or one of its jobs: never one of ours."""
    return "[" in job_id


def is_of(job: PbsJob, user: str) -> bool:
    """Whether it is the user's. With Torque's query_other_jobs, everybody's jobs are listed."""
    owner = job.attributes.get("Job_Owner")
    return owner is None or owner.partition("@")[0] == user


def read(text: str) -> PbsJobs:
    """The jobs of an answer. Whatever it is, there is no error: what cannot be read is counted."""
    found = PbsJobs(bad=int(bool(text) and not text.endswith("\n")))  # the last job's line was cut
    for lines in _blocks(text, found):
        job = _one_line(lines[0]) if "|" in lines[0] else _many_lines(lines)
        if job is None or not {"Job_Name", "job_state"} <= job.attributes.keys():
            found.bad += 1
        else:
            found.jobs.append(job)
    return _without_doubles(found)


def _blocks(text: str, found: PbsJobs) -> Iterator[list[str]]:
    block: list[str] = []
    for line in text.split("\n"):
        # Torque's escaped line break: what follows is a user's text, whatever it looks like.
        continues = bool(block) and block[-1].endswith("\\") and "|" not in block[0]
        if line.startswith(HEAD) and not continues:
            if block:
                yield block
            block = [line[len(HEAD) :]]
        elif block and "|" not in block[0]:
            block.append(line)
        elif line.strip():
            found.bad += 1
    if block:
        yield block


def _one_line(line: str) -> PbsJob | None:
    parts = _PART.findall(line)
    pairs = (part.partition("=") for part in parts[1:])
    values = {name: _unescaped(value) for name, equals, value in reversed(list(pairs)) if equals}
    return PbsJob(parts[0], values) if parts and is_id(parts[0]) else None


def _unescaped(value: str) -> str:
    return value.replace("\\|", "|") if "\\" in value else value


def _many_lines(lines: list[str]) -> PbsJob | None:
    values: dict[str, str] = {}
    name = None
    for before, line in pairwise(lines):
        started = None if before.endswith("\\") else _ATTRIBUTE.match(line)
        if started:
            # The first one counts: what comes again is the text of a variable.
            name = started[1] if started[1] not in values else None
            values.setdefault(started[1], started[2])
        elif name:
            values[name] += line[1:] if line.startswith("\t") else "\n" + line
    job_id = lines[0].strip()
    return PbsJob(job_id, {k: v.rstrip("\n") for k, v in values.items()}) if is_id(job_id) else None


def _without_doubles(found: PbsJobs) -> PbsJobs:
    """A job that is there twice is not believed: another user's variable may look like a job."""
    times: dict[str, int] = {}
    for job in found.jobs:
        times[key(job.id)] = times.get(key(job.id), 0) + 1
    single = [job for job in found.jobs if times[key(job.id)] == 1]
    return PbsJobs(single, found.bad + len(found.jobs) - len(single))


def _host(server: str) -> str:
    return re.split(r"[.:@]", server, maxsplit=1)[0].lower()
