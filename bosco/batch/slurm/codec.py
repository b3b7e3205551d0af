"""Slurm: sbatch, squeue, sacct, scancel, as pure text in and text out.

Fields are asked for by name and parted by 0x1F, which no job name or reason contains; times come as epoch
seconds (SLURM_TIME_FORMAT=%s). JSON output is not used: its schema changes with
every version, and it costs 13 times the CPU.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime

from bosco.batch.answers import failed, joined, said
from bosco.batch.arrays import Arrays
from bosco.batch.facts import BatchFacts
from bosco.batch.model import BatchRequest, CommandResult, Granted, Listing, Observation, Phase
from bosco.batch.protocol import Command, Dialogue, Enclosing, Personal, Submission
from bosco.batch.slurm import array, carried, probe
from bosco.batch.slurm.clusters import TRACKED_ONLY, at, named
from bosco.batch.slurm.errors import refusal_of
from bosco.batch.slurm.script import carried_job_script, job_script
from bosco.batch.slurm.states import cause_of, phase_of
from bosco.batch.slurm.units import duration_s, granted, minutes_s
from bosco.errors import Failed, Interrupted, Refusal

SEPARATOR = "\x1f"
LISTED = (
    "JobArrayID", "Name", "State", "Reason", "StartTime", "EndTime", "SubmitTime", "exit_code", "NodeList",
    "tres-alloc", "TimeLimit", "Partition", "Account", "QOS",
)  # fmt: skip
"""About 130 bytes a job. The last five are 60 of them, and cost squeue no time that can be measured."""
ACCOUNTED = (
    "JobID", "JobName", "State", "ExitCode", "Submit", "Start", "End", "NodeList", "AllocTRES",
    "TimelimitRaw", "Partition", "Account", "QOS",
)  # fmt: skip
_EPOCH_TIMES = {"SLURM_TIME_FORMAT": "%s"}
_PARSABLE = re.compile(rb"^(\d{1,12})(?:;([\w.-]+))?\s*$", re.MULTILINE)

_MISUNDERSTOOD = (b"Invalid job format specification", b"Invalid user")
"""squeue says these with exit code 0, and lists nothing."""
SILENTLY_GONE = (225, 229)
"""Exit codes of a scancel that says nothing of jobs that end meanwhile, as it does when two signal the same.

They are Slurm's errors 2017 (invalid job id) and 2021 (already done), of which an exit code keeps eight bits.
"""


class Slurm:
    """Slurm's words; see bosco.batch.protocol.BatchSystem.

    `shared_home`: the nodes see the spool. If they do not, an ended pilot's job waits up to `patience_s`
    seconds for somebody to come for its outputs. `arrays`: pilots may share job arrays. Tasks of arrays are
    understood in any case; without it squeue gives each its own row only where a common one cannot be read.
    `cluster`: the one of several that is meant (`bosco.batch.slurm.clusters`).
    """

    name = "slurm"
    personal = Personal(
        ("SBATCH_", "SQUEUE_", "SACCT_", "SCANCEL_", "SINFO_", "SALLOC_", "SRUN_", "SLURM_"), ("SLURM_CONF",)
    )
    tools: tuple[str, ...] = ("sbatch", "squeue", "scancel")

    def __init__(
        self, *, shared_home: bool = True, patience_s: int = carried.PATIENCE_S, arrays: bool = False,
        cluster: str | None = None,
    ):  # fmt: skip
        if arrays and not shared_home:
            raise ValueError("pilots share arrays only where the nodes see the spool")
        if cluster is not None and not shared_home:
            raise ValueError("one of several clusters can be named only where its nodes see the spool")
        self._shared_home, self._patience_s, self.cluster = shared_home, patience_s, cluster
        self.arrays: Arrays | None = array.SlurmArrays(cluster) if arrays else None
        if not shared_home:
            self.tools = (*Slurm.tools, "srun")

    def submission(self, request: BatchRequest, folder: str) -> Submission:
        """--parsable: the id alone, whatever the site's version says around it."""
        enclosing = None if self._shared_home else Enclosing(("job.sh",), carried.LARGEST)
        files = {"job.sh": self.script(request, folder)}
        argv = named(self.cluster, ("sbatch", "--parsable", "job.sh"))
        return Submission(argv, files, enclosing=enclosing)

    def script(self, request: BatchRequest, folder: str) -> bytes:
        """Directives, then what runs on the node."""
        if self._shared_home:
            return job_script(request, folder)
        return carried_job_script(request, patience_s=self._patience_s)

    def submitted(self, result: CommandResult) -> str:
        """The job id. An exit code of 0 with an id wins over anything on standard error."""
        if not result.complete:
            raise Interrupted("sbatch was ended before it answered")
        answers = _PARSABLE.findall(result.stdout)
        found = {batch_id for batch_id, _ in answers}
        if result.exit_code == 0:
            if len(found) != 1:
                raise Interrupted(f"sbatch succeeded with {len(found)} job ids, not one: {said(result)}")
            batch_id = str(found.pop().decode())
            self._check_cluster(batch_id, {cluster.decode() for _, cluster in answers if cluster})
            return batch_id
        refusal = refusal_of(result.exit_code, result.stderr)
        if refusal is None or found:
            raise Interrupted(f"sbatch failed, yet may have submitted the job: {said(result)}")
        raise Failed(said(result), refusal=refusal, exit_code=result.exit_code)

    def _check_cluster(self, batch_id: str, clusters: Set[str]) -> None:
        """A job in another cluster than the one that is listed would count as lost, and run on."""
        if self.cluster is None or clusters <= {self.cluster}:
            return
        other = min(clusters - {self.cluster})
        raise Failed(
            f"sbatch was asked for cluster {self.cluster} and gave the job to {other}, where nobody looks "
            f"after it: what at the site changes sbatch's options? It is still there: scancel "
            f"--clusters={other} {batch_id}",
            refusal=Refusal.PERMANENT,
        )  # fmt: skip

    def listing(self, user: str) -> Dialogue[Listing]:
        """By user, never by id: an id that is gone would make squeue fail as a dead controller does.

        Without a shared home, it is also when what jobs have written is brought home; trouble with that is
        the `problem` of a listing that is complete.
        """
        return at(self.cluster, self._listing(user))

    def _listing(self, user: str) -> Dialogue[Listing]:
        result = yield _squeue(user, each_task=bool(self.arrays))
        listing = _listing("squeue", result, len(LISTED), _listed_row)
        if not (listing.complete or self.arrays) and array.share_rows(result.stdout):
            result = yield _squeue(user, each_task=True)
            listing = _listing("squeue", result, len(LISTED), _listed_row)
        if self._shared_home or all(job.phase is not Phase.RUNNING for job in listing.observations):
            return listing
        trouble = carried.trouble((yield carried.porter(user)))
        return replace(listing, problem=listing.problem or trouble)

    def accounting(
        self, user: str, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Dialogue[Listing]:
        """By id where we know it: asked by name, sacct leaves out jobs that were never eligible.

        The answer is read by job name, since ids are used again. A site without accounting is silent.
        """
        return at(self.cluster, self._accounting(user, since, stamps, batch_ids))

    def _accounting(
        self, user: str, since: float, stamps: Sequence[str], batch_ids: Sequence[str]
    ) -> Dialogue[Listing]:
        start = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        wanted = (
            f"--name={','.join(array.names(stamps))}" if stamps else "",
            f"--jobs={','.join(array.arrays_of(batch_ids))}" if batch_ids else "",
        )
        answers = []
        for whom in filter(None, wanted):
            sacct = (
                "sacct", "--allocations", "--noheader", "--parsable2", f"--delimiter={SEPARATOR}",
                f"--user={user}", whom, f"--starttime={start}", f"--format={','.join(ACCOUNTED)}",
            )  # fmt: skip
            answers.append(_accounted((yield Command(sacct, _EPOCH_TIMES))))
        return _asked_for(joined(answers), {*stamps}, {*batch_ids})

    def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> Dialogue[None]:
        """All in one command. The gentle one signals the batch shell alone: the wrapper passes it on.

        --state: scancel tries for 95 s to signal a job that waits or is suspended, all others with it.
        """
        gently = ["--state=RUNNING", "--batch", "--signal=TERM"] if gentle else []
        result = yield Command(named(self.cluster, ("scancel", *gently, *batch_ids)))
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        known = (b"Invalid job id specified", b"already completing or completed")
        trouble = [line for line in lines if not any(text in line for text in known)]
        silent = not lines and result.exit_code not in SILENTLY_GONE
        if not result.complete or (result.exit_code != 0 and (trouble or silent)):
            raise Failed(f"scancel: {said(result)}", exit_code=result.exit_code)

    def probe(self, user: str) -> Dialogue[BatchFacts]:
        """Four commands, and up to two more where associations or groups matter."""
        return at(self.cluster, probe.probe(user))


def _squeue(user: str, *, each_task: bool) -> Command:
    fields = ",".join(f"{name}:{SEPARATOR}" for name in LISTED)
    each = ("--array",) if each_task else ()
    squeue = ("squeue", "--noheader", "--all", *each, "--states=all", f"--user={user}", f"--Format={fields}")
    return Command(squeue, _EPOCH_TIMES)


def _asked_for(records: Listing, stamps: Set[str], batch_ids: Set[str]) -> Listing:
    """Without the other tasks of arrays: sacct was asked for all of them."""
    wanted = (
        job
        for job in records.observations
        if "_" not in job.batch_id or job.stamp in stamps or job.batch_id in batch_ids
    )
    return replace(records, observations=tuple(wanted))


def _accounted(result: CommandResult) -> Listing:
    if probe.DISABLED in result.stderr:
        return Listing((), complete=True, problem="this site has no Slurm accounting")
    return _listing("sacct", result, len(ACCOUNTED), _accounted_row)


def _listing(
    command: str, result: CommandResult, width: int, read: Callable[[list[str]], Observation]
) -> Listing:
    misunderstood = any(text in result.stderr for text in _MISUNDERSTOOD)
    if not result.complete or result.exit_code != 0 or misunderstood:
        return failed(command, result)
    rows = [row for row in result.stdout.split(b"\n") if row]
    observations: list[Observation] = []
    arrays: set[str] = set()
    bad = 0
    for row in rows:
        fields = [f.strip() for f in row.decode("utf-8", "surrogateescape").split(SEPARATOR)][:width]
        if fields[0] == TRACKED_ONLY:
            continue
        jobs = array.jobs(fields[1], fields[0]) if len(fields) == width else None
        if jobs is None:
            bad += 1
        else:
            arrays |= array.arrays_shown(fields[1], fields[0])
            observations.extend(read([batch_id, stamp, *fields[2:]]) for stamp, batch_id in jobs)
    problem = f"{command}: {bad} of {len(rows)} rows are not in the asked format" if bad else None
    return Listing(tuple(observations), not bad, problem, frozenset(arrays))


def _listed_row(fields: list[str]) -> Observation:
    batch_id, name, state, reason, start, end, submit, status, nodes, tres, limit, *place = fields
    got = _granted(tres, duration_s(limit), place)
    job = _observation(name, batch_id, state, nodes=nodes, times=(submit, start, end), got=got)
    if job.phase is Phase.ENDED:
        code, signal = _code_and_signal(status) if ":" in status else _wait_status(status)
        return replace(job, exit_code=code, exit_signal=signal)
    return replace(job, reason=_word(reason), phase=phase_of(state, reason))


def _accounted_row(fields: list[str]) -> Observation:
    batch_id, name, state, exit_code, submit, start, end, nodes, tres, limit, *place = fields
    got = _granted(tres, minutes_s(limit), place)
    job = _observation(name, batch_id, state, nodes=nodes, times=(submit, start, end), got=got)
    if job.phase is not Phase.ENDED:
        return job
    code, signal = _code_and_signal(exit_code)
    return replace(job, exit_code=code, exit_signal=signal)


def _granted(tres: str, walltime_s: int | None, place: Sequence[str]) -> Granted:
    queue, account, qos = (_word(text) for text in place)
    return replace(granted(tres, walltime_s), queue=queue, account=account, qos=qos)


def _observation(
    stamp: str, batch_id: str, state: str, *, nodes: str, times: tuple[str, str, str], got: Granted
) -> Observation:
    submit, start, end = (_time(text) for text in times)
    phase = phase_of(state)
    # Without a node it never ran: what is shown are forecasts, requests, and the time of its cancellation.
    ran = phase not in {Phase.PENDING, Phase.HELD} and _word(nodes) is not None
    return Observation(
        stamp=stamp,
        batch_id=batch_id,
        phase=phase,
        site_state=state,
        submitted_at=submit,
        started_at=start if ran else None,
        ended_at=end if phase is Phase.ENDED else None,
        node=_word(nodes),
        cause=cause_of(state),
        granted=got if ran else None,
    )


def _time(text: str) -> float | None:
    seconds = _int(text)
    return float(seconds) if seconds else None


def _int(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,15}", text) else None


def _word(text: str) -> str | None:
    return None if text in ("", "None", "(null)", "N/A", "None assigned", "None Assigned") else text


def _code_and_signal(text: str) -> tuple[int | None, int | None]:
    """As sacct has them, and squeue of newer Slurms (seen of 26.05); older ones print what wait(2) says."""
    code, _, signal = text.partition(":")
    return _int(code), _int(signal) or None


def _wait_status(text: str) -> tuple[int | None, int | None]:
    status = _int(text)
    if status is None:
        return None, None
    return status >> 8, status & 0x7F or None
