"""Grid Engine (Sun's, Son of, Open, Univa's): qsub, qstat, qacct, qdel, as pure text in and text out.

Options are arguments of qsub: it looks for directives in the whole script, also in the pilot's own text, so
that is switched off. An ended job is in no listing; qacct has it some seconds later. A job that was deleted
while it waited is in neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from bosco.batch.answers import failed, joined, said
from bosco.batch.facts import BatchFacts
from bosco.batch.left_out import on_host
from bosco.batch.model import BatchRequest, CommandResult, Listing, Observation, Phase
from bosco.batch.protocol import Command, Dialogue, Personal, Submission
from bosco.batch.sge import probe
from bosco.batch.sge.errors import refusal_of
from bosco.batch.sge.listing import listed, reasons, with_reasons
from bosco.batch.sge.records import records
from bosco.batch.wrapper import wrapper
from bosco.errors import Failed, Interrupted

FEW = 8
"""So many jobs are looked for one by one; each time, qacct reads the whole accounting file."""
MANY = 50
"""For no more than so many waiting jobs is the scheduler asked why: each makes 5 kB of XML."""
_ID = re.compile(rb"^(\d{1,10})\s*$", re.MULTILINE)
_UNKNOWN = (b"does not exist", b"is already in deletion", b"is invalid. It must be")
_TAKEN = (b"has registered the job", b"has deleted job")
_NO_FILE = (b"No such file or directory", b"no jobs running since startup")

_BEFORE = """\
# To Grid Engine the exit codes 99 and 100 are orders: run it again, and never again. The pilot's own code is
# in the exit record.
trap 'hce_last=$?; case $hce_last in 99|100) exit 1 ;; esac' EXIT
"""


class GridEngine:
    """Grid Engine's words; see bosco.batch.protocol.BatchSystem."""

    name = "sge"
    arrays: ClassVar[None] = None
    personal = Personal(("SGE_",), ("SGE_ROOT", "SGE_CELL", "SGE_QMASTER_PORT", "SGE_EXECD_PORT", "SGE_ARCH"))
    tools = ("qsub", "qstat", "qdel", "qacct")

    def __init__(
        self, *, parallel_environment: str = "smp", memory_resource: str = "", gpu_resource: str = "gpu",
        exclusive_resource: str = "exclusive",
    ):  # fmt: skip
        self._parallel_environment = parallel_environment
        self._memory, self._gpu, self._exclusive = memory_resource, gpu_resource, exclusive_resource

    def submission(self, request: BatchRequest, folder: str) -> Submission:
        """-C with nothing: no directives are looked for in the script. -terse: the id alone."""
        options = (word for option in self._options(request, folder) for word in option)
        words = wrapper(request, folder, job_id="${JOB_ID:-}", notice="USR2")
        script = f"#!/bin/sh\n{_BEFORE}{words}".encode("utf-8", "surrogateescape")
        return Submission(("qsub", "-terse", "-C", "", *options, "job.sh"), {"job.sh": script})

    def submitted(self, result: CommandResult) -> str:
        """The job id, on a line of its own."""
        if not result.complete:
            raise Interrupted("qsub was ended before it answered")
        found = set(_ID.findall(result.stdout))
        if result.exit_code == 0 and len(found) == 1:
            return str(found.pop().decode())
        refusal = refusal_of(result.exit_code, result.stdout + b"\n" + result.stderr)
        if result.exit_code == 0 or refusal is None or found:
            raise Interrupted(f"qsub gave {len(found)} job ids, not one: {said(result)}")
        raise Failed(said(result), refusal=refusal, exit_code=result.exit_code)

    def listing(self, user: str) -> Dialogue[Listing]:
        """Jobs that wait or run, and for some that do not run the scheduler's reason."""
        listing = listed((yield Command(("qstat", "-u", user, "-r", "-xml"))))
        asked = _asked_why(listing.observations)
        if not asked:
            return listing
        why = yield Command(("qstat", "-j", ",".join(asked), "-xml"))
        return with_reasons(listing, reasons(why))

    def accounting(
        self, user: str, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Dialogue[Listing]:
        """One by one if they are few, else all of the account's at once.

        What is asked of all leaves out jobs that never started: those are then looked for one by one, as
        many as are few.
        """
        wanted, found = [*batch_ids, *stamps], []
        if len(wanted) > FEW:
            begin = datetime.fromtimestamp(since, UTC).strftime("%Y%m%d%H%M")
            everything = _accounted((yield Command(("qacct", "-o", user, "-b", begin, "-j"))))
            if not everything.complete or everything.problem:
                return everything
            there = {job.batch_id for job in everything.observations}
            there |= {job.stamp for job in everything.observations}
            found.append(everything)
            wanted = [one for one in wanted if one not in there]
        for one in wanted[:FEW]:
            found.append(_accounted((yield Command(("qacct", "-j", one)))))
        return joined(found)

    def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> Dialogue[None]:
        """qdel, gentle or not: it has a running job told, and kills it after the queue's `notify` time.

        Whoever means it gently asks again if the job has not ended; that then does nothing new.
        """
        result = yield Command(("qdel", *batch_ids))
        lines = [line for line in (result.stdout + b"\n" + result.stderr).splitlines() if line.strip()]
        trouble = [line for line in lines if not any(text in line for text in (*_UNKNOWN, *_TAKEN))]
        if not result.complete or trouble or (result.exit_code != 0 and not lines):
            raise Failed(f"qdel: {said(result)}", exit_code=result.exit_code)

    def probe(self, user: str) -> Dialogue[BatchFacts]:
        """Five commands."""
        return probe.probe(
            parallel_environment=self._parallel_environment,
            memory_resource=self._memory,
            gpu_resource=self._gpu,
        )

    def _options(self, request: BatchRequest, folder: str) -> Iterator[tuple[str, ...]]:
        yield "-N", request.stamp
        yield "-wd", folder
        yield "-o", f"{folder}/scheduler.log"
        yield "-j", "y"
        yield "-S", "/bin/sh"
        yield "-r", "n"
        yield ("-notify",)
        yield "-l", f"h_rt={request.walltime_s}"
        if request.cpus > 1:
            yield "-pe", self._parallel_environment, str(request.cpus)
        if self._memory and not request.whole_node:
            yield "-l", f"{self._memory}={-(-request.memory_mb // request.cpus)}M"  # for each slot
        if request.gpus:
            yield "-l", f"{self._gpu}={request.gpus}"
        if request.whole_node:
            yield "-l", f"{self._exclusive}=true"
        for option, value in (("-q", request.queue), ("-A", request.account)):
            if value:
                yield option, value
        yield from on_host(request.left_out, request.node, request.extra)


def _asked_why(jobs: Sequence[Observation]) -> list[str]:
    """Those in an error first; they wait until somebody looks after them."""
    held = [job.batch_id for job in jobs if job.phase is Phase.HELD]
    return [*held, *(job.batch_id for job in jobs if job.phase is Phase.PENDING)][:MANY]


def _accounted(result: CommandResult) -> Listing:
    if result.complete and result.exit_code != 0:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        if any(text in result.stderr for text in _NO_FILE):
            return Listing((), complete=True, problem="there are no Grid Engine accounting records here")
        if lines and all(any(text in line for text in probe.NOT_FOUND) for line in lines):
            return Listing((), complete=True)
    if not result.complete or result.exit_code != 0:
        return failed("qacct", result)
    return records(result)
