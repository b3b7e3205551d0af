"""LSF: bsub, bjobs, bhist, bkill, as pure text in and text out.

The job's options are words of bsub's command line, and the command is a fixed one, since LSF hands it to a
shell: `/bin/sh job.sh` in the job's folder. Listings come as JSON, which bjobs can print since 10.1 with Fix
Pack 2, with the number of its records: a listing that was cut tells it. Times have no year unless
LSB_DISPLAY_YEAR asks for it. What bjobs has forgotten (CLEAN_PERIOD, an hour by default), bhist reads from
LSF's event files.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import ClassVar

from bosco.batch.answers import joined, said
from bosco.batch.facts import BatchFacts
from bosco.batch.left_out import selected
from bosco.batch.lsf import probe
from bosco.batch.lsf.errors import refusal_of, trouble
from bosco.batch.lsf.history import histories
from bosco.batch.lsf.jobs import FIELDS, listed
from bosco.batch.model import BatchRequest, CommandResult, Listing
from bosco.batch.pinned import on_hosts
from bosco.batch.protocol import Command, Dialogue, Personal, Submission
from bosco.batch.wrapper import wrapper
from bosco.errors import Failed, Interrupted, Refusal

NOTICE = "URG"
"""Asks a job to end in order: LSF signals all of a job's processes, and this one nobody else takes notice
of."""
NOTICE_MIN = 2
"""How long before the end of its walltime a pilot gets SIGTERM, in minutes."""
NOTICE_FROM_S = 3600
_TRIES = {"LSB_NTRIES": "2"}
"""Without this, LSF's commands ask a cluster that is away again and again, for ever."""
_YEARS = {**_TRIES, "LSB_DISPLAY_YEAR": "Y"}
_SUBMITTED = re.compile(rb"^Job <(\d{1,19})> is submitted to ", re.MULTILINE)


class Lsf:
    """LSF's words; see bosco.batch.protocol.BatchSystem."""

    name = "lsf"
    arrays: ClassVar[None] = None
    personal = Personal(
        ("LSB_BJOBS_", "LSB_BSUB_", "LSB_BHIST_", "LSB_DEFAULT", "LSB_JOB_", "BSUB_", "LSB_SUB_")
    )
    tools = ("bsub", "bjobs", "bkill", "bhist")

    def submission(self, request: BatchRequest, folder: str) -> Submission:
        """Raises Failed for a QOS, which LSF does not have."""
        body = wrapper(
            request, folder, job_id="${LSB_JOBID:-}", cgroup="job.${LSB_JOBID:-none}", notice=NOTICE
        )
        script = "\n".join(["#!/bin/sh", body]).encode("utf-8", "surrogateescape")
        return Submission(
            ("bsub", *_options(request, folder), "/bin/sh", "job.sh"), {"job.sh": script}, _TRIES
        )

    def submitted(self, result: CommandResult) -> str:
        """The job id. An exit code of 0 with an id wins over anything on standard error."""
        if not result.complete:
            raise Interrupted("bsub was ended before it answered")
        found = set(_SUBMITTED.findall(result.stdout))
        if result.exit_code == 0:
            if len(found) != 1:
                raise Interrupted(f"bsub succeeded with {len(found)} job ids, not one: {said(result)}")
            return str(found.pop().decode())
        refusal = refusal_of(result.exit_code, result.stderr)
        if refusal is None or found:
            raise Interrupted(f"bsub failed, yet may have submitted the job: {said(result)}")
        raise Failed(said(result), refusal=refusal, exit_code=result.exit_code)

    def listing(self, user: str) -> Dialogue[Listing]:
        """All jobs, ended ones for as long as LSF keeps them in memory."""
        bjobs = ("bjobs", "-a", "-u", user, "-o", " ".join(FIELDS), "-json")
        return listed((yield Command(bjobs, _YEARS)))

    def accounting(
        self, user: str, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Dialogue[Listing]:
        """From all event files that LSF keeps, by id, or by name one after another."""
        whom = [("-J", stamp) for stamp in stamps] + ([tuple(batch_ids)] if batch_ids else [])
        parts = []
        for words in whom:
            bhist = ("bhist", "-a", "-l", "-UF", "-n", "0", "-u", user, *words)
            parts.append(histories((yield Command(bhist, _YEARS))))
        return joined(parts)

    def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> Dialogue[None]:
        """All in one command, which goes on after a job that is unknown or has ended."""
        result = yield Command(("bkill", *(("-s", NOTICE) if gentle else ()), *batch_ids), _TRIES)
        if not result.complete or (result.exit_code != 0 and trouble(result)):
            raise Failed(f"bkill: {said(result)}", exit_code=result.exit_code)

    def probe(self, user: str) -> Dialogue[BatchFacts]:
        """Three commands."""
        return probe.probe(user, _TRIES)


def _options(request: BatchRequest, folder: str) -> Iterator[str]:
    if request.qos:
        raise Failed("LSF has no QOS; name a queue, or an -sla directive", refusal=Refusal.PERMANENT)
    minutes = -(-request.walltime_s // 60)
    yield from ("-J", request.stamp)
    yield from ("-o", f"{folder}/scheduler.log")
    yield "-rn"
    yield from ("-W", f"{minutes // 60}:{minutes % 60:02}")
    yield from ("-n", str(request.cpus))
    resources = " ".join([*selected(request.left_out), "span[hosts=1]"])
    if request.whole_node:
        yield "-x"
    else:
        resources += f" rusage[mem={request.memory_mb}MB]"
        yield from ("-M", f"{request.memory_mb}MB")
    yield from ("-R", resources)
    if request.walltime_s >= NOTICE_FROM_S:
        yield from ("-wa", NOTICE, "-wt", str(NOTICE_MIN))
    if request.gpus:
        yield from ("-gpu", f"num={request.gpus}")
    for option, value in (("-q", request.queue), ("-P", request.account)):
        if value:
            yield from (option, value)
    yield from on_hosts(request.node)
    for text in request.extra:
        yield from shlex.split(text)
