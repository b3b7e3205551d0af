"""Requests as the codecs make them, and a guard to give them to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from bosco.agent.guard import Confined, options
from bosco.batch.inspections import condition_of, rehearsal_of
from bosco.batch.model import BatchRequest, CommandResult, InputFile
from bosco.batch.protocol import BatchSystem, Command, Dialogue
from bosco.commands import Commands
from bosco.installed import TEXTS

STAMP = "haaaabbbbccccdd"
PLAIN = BatchRequest(STAMP, "run.sh", (InputFile("run.sh", "0" * 64, executable=True),), 7200)
FULL: dict[str, dict[str, Any]] = {
    "slurm": {
        "queue": "osg", "account": "osg-project", "qos": "low", "gpus": 2, "gpu_type": "a100",
        "constraint": "avx2&(ib|opa)", "reservation": "osg_friday", "left_out": ("node-01", "node-02"),
        "extra": ("--nice=100", "--licenses=matlab:1", "--exclude=old[1-3]"),
    },
    "pbs": {"queue": "osg@server", "account": "p1", "gpus": 1, "extra": ("-l pmem=2gb", "-p -100")},
    "sge": {
        "queue": "all.q@@new", "account": "p1", "gpus": 1, "left_out": ("node-01",),
        "extra": ("-P osg", "-l h_stack=8M,arch=lx-amd64", "-soft -l fast=1"),
    },
    "lsf": {"queue": "osg", "account": "p1", "gpus": 1, "extra": ("-sla gold", '-R "select[type==any]"')},
    "htcondor": {
        "queue": "osg", "account": "group_osg.users", "gpus": 1, "left_out": ("node-01",),
        "extra": ("rank = Memory", "requirements = HasAVX2"),
    },
}  # fmt: skip
"""What else a site file can ask for, in the words of each."""


def guard(batch: str, spool: Path, *more: str) -> Confined:
    """As a forced command with these options makes it."""
    texts = {
        hashlib.sha256(resources.files(place).joinpath(name).read_bytes()).hexdigest()
        for place, name in TEXTS
    }
    return Confined(options(["--batch", batch, "--spool", str(spool), *more]), texts, "test")


def submission(codec: BatchSystem, request: BatchRequest, spool: Path) -> tuple[dict[str, Any], bytes]:
    """The header and the body of its submission."""
    job = codec.submission(request, f"{spool}/pilots/{request.stamp}")
    commands = Commands(codec.personal, 60)
    files = [(name, len(content)) for name, content in job.files.items()]
    header = {"op": "submit", "stamp": request.stamp, "inputs": {}, "files": files}
    return {**header, **commands.header(list(job.argv), job.environment)}, b"".join(job.files.values())


def asked(codec: BatchSystem, user: str, answers: Sequence[CommandResult]) -> Iterator[dict[str, Any]]:
    """The headers of all that it asks for when it gets each of these answers all the time."""
    commands = Commands(codec.personal, 60)
    ids, stamps = ["17", "4711"], [STAMP, "hqqqqwwwweeeerr"]
    for answer in answers:
        for dialogue in (
            codec.listing(user),
            codec.accounting(user, 1.7e9, stamps=stamps),
            codec.accounting(user, 1.7e9, batch_ids=ids),
            codec.accounting(user, 1.7e9, batch_ids=[str(number) for number in range(200)]),
            codec.cancel(ids),
            codec.cancel(ids, gentle=True),
            codec.probe(user),
            condition_of(codec, user),
            *(rehearsal_of(codec, replace(PLAIN, **more)) for more in ({}, FULL[codec.name])),
        ):
            for command in _commands(dialogue, answer):
                yield {"op": "run", **commands.header(list(command.argv), command.environment)}


def _commands(dialogue: Dialogue[Any], answer: CommandResult) -> Iterator[Command]:
    try:
        command = next(dialogue)
        while True:
            yield command
            command = dialogue.send(answer)
    except StopIteration:
        return
    except Exception:  # what it makes of such an answer is not the question here
        return
