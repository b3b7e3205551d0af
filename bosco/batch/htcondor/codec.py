"""HTCondor: condor_submit, condor_q, condor_history, condor_rm, as pure text in and text out.

Jobs are asked for as JSON. A ClassAd's attributes have names, so that nothing in it depends on the version;
the closing bracket shows that the answer is whole; and it costs no more than columns of text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from bosco.batch.answers import failed, joined, said
from bosco.batch.facts import BatchFacts
from bosco.batch.htcondor import probe
from bosco.batch.htcondor.ads import ATTRIBUTES, observation, stamp_of
from bosco.batch.htcondor.errors import refusal_of
from bosco.batch.htcondor.job import KEEP_S, STAMP_ATTRIBUTE, job_files
from bosco.batch.model import BatchRequest, CommandResult, Listing, Observation
from bosco.batch.protocol import Command, Dialogue, Personal, Submission
from bosco.batch.stamps import STAMP
from bosco.errors import Failed, Interrupted

_TERSE = re.compile(rb"^(\d{1,12}\.\d{1,9}) - (\d{1,12}\.\d{1,9})\s*$", re.MULTILINE)
_NOTHING_TO_REMOVE = re.compile(
    rb"Job \d+(\.\d+)? (not found|already marked for removal|marked for removal)|"
    rb"There are no jobs in the queue|Couldn't find/remove all jobs matching constraint"
)


class HTCondor:
    """HTCondor's words; see bosco.batch.protocol.BatchSystem.

    `filesystem_domain`: FILESYSTEM_DOMAIN of the nodes that have the file system which our spool is on.
    Without it, HTCondor carries a job's files to the node and back. `keep_s`: how long an ended job stays in
    the queue for us to see, in seconds; the history has it from then on.
    """

    name = "htcondor"
    arrays: ClassVar[None] = None
    personal = Personal()
    tools = ("condor_submit", "condor_q", "condor_history", "condor_rm")

    def __init__(self, *, filesystem_domain: str | None = None, keep_s: int = KEEP_S):
        self._domain, self._keep_s = filesystem_domain, keep_s

    def submission(self, request: BatchRequest, folder: str) -> Submission:
        """-terse: the ids alone, whatever the site's version says around them."""
        files = job_files(request, folder, domain=self._domain, keep_s=self._keep_s)
        return Submission(("condor_submit", "-terse", "job.sub"), files)

    def submitted(self, result: CommandResult) -> str:
        """The id `cluster.proc`. An exit code of 0 with an id wins over any warning."""
        if not result.complete:
            raise Interrupted("condor_submit was ended before it answered")
        found = {first for first, last in _TERSE.findall(result.stdout) if first == last}
        if result.exit_code == 0:
            if len(found) != 1:
                raise Interrupted(
                    f"condor_submit succeeded with {len(found)} job ids, not one: {said(result)}"
                )
            return str(found.pop().decode())
        refusal = refusal_of(result.exit_code, result.stderr)
        if refusal is None or found:
            raise Interrupted(f"condor_submit failed, yet may have submitted the job: {said(result)}")
        raise Failed(said(result), refusal=refusal, exit_code=result.exit_code)

    def listing(self, user: str) -> Dialogue[Listing]:
        """Jobs that have ended are in it for `keep_s`, by their own `leave_in_queue`."""
        ours = f"{STAMP_ATTRIBUTE} =!= undefined"
        argv = ("condor_q", user, "-constraint", ours, "-json", "-attributes", ",".join(ATTRIBUTES))
        return _listing("condor_q", (yield Command(argv)))

    def accounting(
        self, user: str, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Dialogue[Listing]:
        """The schedd's history file, the latest first, until all are found.

        By constraint alone: condor_history takes a user or an id beside it as one more thing to show.
        """
        answers = []
        for whom, number in _asked(stamps, batch_ids):
            wanted = f"{STAMP_ATTRIBUTE} =!= undefined && QDate >= {int(since)} && {whom}"
            argv = (
                "condor_history", "-constraint", wanted, "-json", "-attributes", ",".join(ATTRIBUTES),
                "-limit", str(number),
            )  # fmt: skip
            answers.append(_accounted((yield Command(argv))))
        return joined(answers)

    def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> Dialogue[None]:
        """condor_rm sends SIGTERM, after `job_max_vacate_time` SIGKILL; the gentle one, to those that run.

        A second condor_rm does nothing to a job that is being removed: it keeps that time.
        """
        clusters = ",".join(batch_id.partition(".")[0] for batch_id in batch_ids)
        running = f"JobStatus == 2 && member(ClusterId, {{{clusters}}})"
        whom = ("-constraint", running) if gentle else tuple(batch_ids)
        result = yield Command(("condor_rm", *whom))
        lines = [line for line in (result.stdout + b"\n" + result.stderr).splitlines() if line.strip()]
        trouble = [line for line in lines if not _NOTHING_TO_REMOVE.search(line)]
        if not result.complete or (result.exit_code != 0 and (trouble or not lines)):
            raise Failed(f"condor_rm: {said(result)}", exit_code=result.exit_code)

    def probe(self, user: str) -> Dialogue[BatchFacts]:
        """Five commands."""
        return probe.probe(self._domain, self._keep_s)


def _asked(stamps: Sequence[str], batch_ids: Sequence[str]) -> Iterable[tuple[str, int]]:
    if stamps:
        yield f'stringListMember({STAMP_ATTRIBUTE}, "{",".join(stamps)}")', len(stamps)
    if batch_ids:
        clusters = ",".join(batch_id.partition(".")[0] for batch_id in batch_ids)
        yield f"member(ClusterId, {{{clusters}}})", len(batch_ids)


def _accounted(result: CommandResult) -> Listing:
    if result.complete and probe.NO_HISTORY.search(result.stderr):
        return Listing((), complete=True, problem="this site's HTCondor keeps no history")
    return _listing("condor_history", result)


def _listing(command: str, result: CommandResult) -> Listing:
    if not result.complete or result.exit_code != 0:
        return failed(command, result)
    try:
        ads = _ads(result.stdout)
    except (ValueError, RecursionError) as error:
        return Listing((), complete=False, problem=f"{command}: its answer is no list of jobs ({error})")
    read = [observation(ad) for ad in ads if STAMP.match(stamp_of(ad) or "")]
    jobs: list[Observation] = [job for job in read if job is not None]
    bad = len(read) - len(jobs)
    problem = f"{command}: {bad} of {len(read)} jobs lack what was asked for" if bad else None
    return Listing(tuple(jobs), complete=not bad, problem=problem)


def _ads(stdout: bytes) -> Sequence[Mapping[str, Any]]:
    """Nothing at all is how condor_q prints an empty list."""
    text = stdout.decode("utf-8", "surrogateescape")
    if not text.strip():
        return []
    ads = json.loads(text, strict=False)
    if not isinstance(ads, list) or not all(isinstance(ad, dict) for ad in ads):
        raise ValueError("not a list of ads")
    return ads
