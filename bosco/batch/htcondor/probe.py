"""What HTCondor tells of itself, as pure text in and text out. Five commands.

It has no queues and limits no walltime: a job waits until a machine is large enough. So the largest machines
are the limits, and what the pool's policies do to long jobs nobody can ask.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bosco.batch.answers import said
from bosco.batch.asking import Answers, most, number
from bosco.batch.facts import BatchFacts, Limits, NodeShape, Records
from bosco.batch.model import CommandResult
from bosco.batch.protocol import Command, Dialogue

VERSION = ("condor_version",)
CONFIGURATION = ("condor_config_val", "MAX_JOBS_PER_OWNER")
ALLOWED = ("condor_ping", "-type", "SCHEDD", "-table", "WRITE")
MACHINE = ("TotalSlotCpus", "TotalSlotMemory", "TotalSlotGPUs", "FileSystemDomain")
MACHINES = ("condor_status", "-constraint", 'SlotType =!= "Dynamic"', "-af", *MACHINE)
HISTORY = ("condor_history", "-limit", "1", "-af", "ClusterId")
NO_HISTORY = re.compile(rb"HISTORY is (unset|not defined)|variable HISTORY is not defined")
_VERSION = re.compile(r"^\$CondorVersion: (\S+)", re.MULTILINE)


def probe(filesystem_domain: str | None, keep_s: int) -> Dialogue[BatchFacts]:
    """What HTCondor is. The arguments are what the site file says of it, and how long ended jobs stay."""
    answers = Answers()
    version = _VERSION.search(answers.text((yield Command(VERSION)), VERSION[0], "version"))
    configured = answers.text((yield Command(CONFIGURATION)), CONFIGURATION[0], "most_jobs").strip()
    ping = yield Command(ALLOWED)
    machines = _machines(answers.text((yield Command(MACHINES)), MACHINES[0], "limits", "shapes"))
    for fact in ("queues", "default_queue"):
        answers.missing(fact, "HTCondor has no queues")
    sizes = [most(*(number(row[place]) for row in machines)) for place in range(3)]
    if not machines:
        answers.missing("limits", "no machine is in the pool, or none is shown to us")
    facts = BatchFacts(
        name="HTCondor",
        version=version[1] if version else None,
        limits=Limits(cpus=sizes[0], memory_mb=sizes[1], gpus=sizes[2]),
        shapes=None if "shapes" in answers.unknown else tuple(_shapes(machines)),
        most_jobs=number(configured),
        records=_records((yield Command(HISTORY)), answers),
        remembers_s=keep_s,
        problems=tuple(_problems(ping, machines, filesystem_domain)),
    )
    return answers.complete(facts)


def _machines(text: str) -> list[list[str]]:
    rows = (line.split() for line in text.splitlines())
    return [row for row in rows if len(row) == len(MACHINE)]


def _shapes(machines: Sequence[Sequence[str]]) -> Iterator[NodeShape]:
    """A machine that has several slots, each with a fixed share of it, is as many small ones for a job."""
    for row, nodes in Counter(tuple(row[:3]) for row in machines).items():
        cpus, memory, gpus = (number(text) for text in row)
        if cpus is not None:
            yield NodeShape(None, nodes, cpus, memory, gpus or 0)


def _problems(
    ping: CommandResult, machines: Sequence[Sequence[str]], filesystem_domain: str | None
) -> Iterator[str]:
    if ping.complete and b" DENY " in ping.stdout:
        yield f"the schedd does not let the account submit: {said(ping)}"
    domains = {row[3] for row in machines}
    if filesystem_domain and domains and filesystem_domain not in domains:
        there = ", ".join(sorted(domains))
        yield (
            f"no machine has the file system domain {filesystem_domain} (there: {there}): jobs that want it "
            "never run. Mend batch_options.filesystem_domain, or leave it out"
        )


def _records(result: CommandResult, answers: Answers) -> Records:
    if result.complete and result.exit_code == 0:
        return Records.ON
    answers.missing("records", f"condor_history: {said(result)}")
    return Records.OFF if NO_HISTORY.search(result.stderr) else Records.AWAY
