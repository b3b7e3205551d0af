"""What LSF tells of itself: lsid, bparams and bqueues, as pure text in and text out. Three commands.

`bqueues -u` shows the queues that take jobs of a user: one that is not shown is not there, or not for us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bosco.batch.asking import Answers, settings
from bosco.batch.facts import BatchFacts, Limits, Queue
from bosco.batch.lsf.units import whole
from bosco.batch.protocol import Command, Dialogue

VERSION = ("lsid",)
PARAMETERS = ("bparams", "-a")
_BLOCK = re.compile(r"^QUEUE: (\S+)\s*$", re.MULTILINE)
_STATUS = re.compile(r"\b(Open|Closed):(\w+)")
_SECTION = re.compile(r"^MAXIMUM LIMITS:.*$", re.MULTILINE)
_RUNLIMIT = re.compile(r"^ *RUNLIMIT *\n *(\d{1,9}(?:\.\d+)?) min", re.MULTILINE)
"""The others stand side by side in columns, in other ways in each version."""
_RECORDS = "that bhist can read LSF's event files is seen when it is asked for a job"


def queues(user: str) -> tuple[str, ...]:
    """The command that lists what is open to the user."""
    return ("bqueues", "-l", "-u", user)


def probe(user: str, environment: Mapping[str, str]) -> Dialogue[BatchFacts]:
    """What LSF is, and what it lets `user` do. `environment`: for its commands."""
    answers = Answers()
    version = answers.text((yield Command(VERSION, environment)), "lsid", "version").splitlines()[:1]
    told = answers.text((yield Command(PARAMETERS, environment)), "bparams", "default_queue", "remembers_s")
    parameters = dict(settings(told))
    told = answers.text((yield Command(queues(user), environment)), "bqueues", "queues")
    default = parameters.get("DEFAULT_QUEUE", "").split()[:1]
    answers.missing("records", _RECORDS)
    answers.missing("limits", "of a queue's limits only RUNLIMIT is read")
    answers.missing("most_jobs", "LSF has many kinds of such limits; none is read")
    facts = BatchFacts(
        name="LSF",
        version=version[0].strip() if version else None,
        queues=tuple(_queues(told)),
        default_queue=default[0] if default else None,
        remembers_s=whole(parameters.get("CLEAN_PERIOD")),
    )
    return answers.complete(facts)


def _queues(text: str) -> Iterator[Queue]:
    parts = _BLOCK.split(text)
    for name, block in zip(parts[1::2], parts[2::2], strict=True):
        status = _STATUS.search(block)
        is_open = status is not None and status[0] == "Open:Active"
        why = None if is_open else f"STATUS is {status[0] if status else 'not told'}"
        yield Queue(name, is_open, True, why, _limits(block))


def _limits(block: str) -> Limits:
    """Default limits, where there are any, stand before the maximum ones."""
    section = _SECTION.search(block)
    found = _RUNLIMIT.search(block, section.end() if section else 0)
    return Limits(walltime_s=round(float(found[1]) * 60) if found else None)
