"""OpenPBS, PBS Pro and Torque: qsub, qstat, qselect, qdel, qsig, as pure text in and text out.

Which of them a site has is asked at the beginning of each dialogue: `qstat --version` needs no server. A
listing of OpenPBS is two commands: qselect for our jobs' ids, since qstat cannot select by user and all its
users' jobs may be many, and qstat -E for what they are, on one connection. Its history is asked for by id
alone; it may be weeks long. Torque's qstat shows our jobs, and those that have ended for as long as the site
keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from importlib import resources
from typing import ClassVar

from bosco.batch.answers import failed, joined, said
from bosco.batch.carried import place_of
from bosco.batch.facts import BatchFacts
from bosco.batch.model import BatchRequest, CommandResult, Listing
from bosco.batch.pbs import probe
from bosco.batch.pbs.errors import FINISHED, NO_HISTORY, UNKNOWN_JOB, USAGE, refusal_of, trouble, untaken
from bosco.batch.pbs.jobs import observation
from bosco.batch.pbs.script import LARGEST, NOTICE, Flavour, job_script
from bosco.batch.pbs.text import PbsJob, is_array, is_id, is_of, read, same_job
from bosco.batch.protocol import Command, Dialogue, Enclosing, Personal, Submission
from bosco.batch.stamps import STAMP
from bosco.errors import Failed, Interrupted

MANY = 500
"""Ids for one qstat."""
_SUBMIT = resources.files("bosco.batch").joinpath("pbs/submit.sh").read_bytes()
_ID_LINE = re.compile(rb"^(\d{1,19}(?:\.[\w.:@-]{1,255})?)[ \t\r]*$", re.MULTILINE)
_NO_RECORDS = Listing((), True, "this site keeps no history of PBS jobs (job_history_enable)")
_TORQUE_HAS_NONE = (
    "Torque keeps no records that its users can read, only ended jobs for a while (keep_completed)"
)


class Pbs:
    """PBS's words; see bosco.batch.protocol.BatchSystem.

    `flavour`: do not ask the site which one it has. `shared_home`: the nodes see the spool; if they do not,
    `stage_host` is the login node's name for them, where it has another idea of that.
    """

    name = "pbs"
    arrays: ClassVar[None] = None
    personal = Personal(("PBS_DPREFIX", "PBS_O_", "PBS_QSTAT_"))
    tools = ("qsub", "qstat", "qdel", "qsig")

    def __init__(
        self, flavour: str | None = None, *, shared_home: bool = True, stage_host: str | None = None
    ):
        """Raises ValueError for a flavour that is neither `openpbs` nor `torque`."""
        self._known = Flavour(flavour) if flavour else None
        self._shared_home, self._stage_host = shared_home, stage_host or ""

    def submission(self, request: BatchRequest, folder: str) -> Submission:
        """Where the flavour is not known, a fixed shell text asks qsub and takes the script that fits."""
        flavours = [self._known] if self._known else list(Flavour)
        files = {
            f"job.{flavour}": job_script(request, folder, flavour, shared_home=self._shared_home)
            for flavour in flavours
        }
        if self._known and self._shared_home:
            return Submission(("qsub", f"job.{self._known}"), files)
        argv = ("sh", "job.submit", self._known or "")
        all_files = {**files, "job.submit": _SUBMIT}
        if self._shared_home:
            return Submission(argv, all_files)
        where = (f"{place_of(request)}/{request.stamp}", folder.rpartition("/")[0], self._stage_host)
        return Submission((*argv, *where), all_files, enclosing=Enclosing(tuple(files), LARGEST))

    def submitted(self, result: CommandResult) -> str:
        """The job id. An exit code of 0 with an id wins over anything on standard error."""
        if not result.complete:
            raise Interrupted("qsub was ended before it answered")
        found = set(_ID_LINE.findall(result.stdout))
        if result.exit_code == 0:
            if len(found) != 1:
                raise Interrupted(f"qsub succeeded with {len(found)} job ids, not one: {said(result)}")
            return str(found.pop().decode())
        refusal = refusal_of(result.exit_code, result.stderr)
        if refusal is None or found:
            raise Interrupted(f"qsub failed, yet may have submitted the job: {said(result)}")
        raise Failed(said(result), refusal=refusal, exit_code=result.exit_code)

    def listing(self, user: str) -> Dialogue[Listing]:
        """What waits and runs; with Torque, what has ended too."""
        flavour = yield from self._flavour()
        if flavour is Flavour.TORQUE:
            return _torque_listing((yield Command(("qstat", "-f", "-1"))), user)
        if flavour is Flavour.OPENPBS:
            return (yield from _openpbs_listing(user))
        return flavour

    def accounting(
        self, user: str, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Dialogue[Listing]:
        """OpenPBS's history, where the site keeps one. Stamps are looked up by name, one after another."""
        flavour = yield from self._flavour()
        if flavour is Flavour.TORQUE:
            return Listing((), complete=True, problem=_TORQUE_HAS_NONE)
        if flavour is not Flavour.OPENPBS:
            return flavour
        ids = list(batch_ids)
        for stamp in stamps:
            result = yield Command(("qselect", "-x", "-u", user, "-N", stamp))
            found = _NO_RECORDS if NO_HISTORY in result.stderr else _selected(result)
            if isinstance(found, Listing):
                return found
            ids += found
        return (yield from _details(ids, user, ("-x",)))

    def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> Dialogue[None]:
        """All in one command, which goes on after a job that is unknown or has ended."""
        argv = ("qsig", "-s", f"SIG{NOTICE}", *batch_ids) if gentle else ("qdel", *batch_ids)
        result = yield Command(argv)
        silent = result.exit_code != 0 and not result.stderr.strip()
        if not result.complete or silent or (result.exit_code != 0 and untaken(result, len(batch_ids))):
            raise Failed(f"{argv[0]}: {said(result)}", exit_code=result.exit_code)

    def probe(self, user: str) -> Dialogue[BatchFacts]:
        """Three commands."""
        return probe.probe(user, self._known)

    def _flavour(self) -> Generator[Command, CommandResult, Flavour | Listing]:
        if self._known:
            return self._known
        result = yield Command(("qstat", "--version"))
        if b"pbs_version" in result.stdout + result.stderr:
            return Flavour.OPENPBS
        if b"Version:" in result.stdout + result.stderr:
            return Flavour.TORQUE
        return failed("qstat --version, which is neither of OpenPBS nor of Torque", result)


def _openpbs_listing(user: str) -> Dialogue[Listing]:
    found = _selected((yield Command(("qselect", "-u", user))))
    return found if isinstance(found, Listing) else (yield from _details(found, user))


def _selected(result: CommandResult) -> list[str] | Listing:
    """The ids that qselect found, without arrays. A listing when it did not answer, or may not have."""
    words = result.stdout.decode("utf-8", "replace").split()
    if not result.complete or result.exit_code != 0 or not all(map(is_id, words)):
        return failed("qselect", result)
    return [word for word in words if not is_array(word)]


def _details(ids: Sequence[str], user: str, options: tuple[str, ...] = ()) -> Dialogue[Listing]:
    parts = []
    for start in range(0, len(ids), MANY):
        some = ids[start : start + MANY]
        result = yield Command(("qstat", "-E", *options, "-f", "-F", "dsv", *some))
        if result.exit_code == USAGE:  # PBS Pro before 14: one connection for each job
            result = yield Command(("qstat", *options, "-f", *some))
        without = bool(options) and NO_HISTORY in result.stderr
        parts.append(_NO_RECORDS if without else _answer(result, some, user))
    return joined(parts)


def _answer(result: CommandResult, asked: Sequence[str], user: str) -> Listing:
    """Jobs that are left out have ended or are unknown: qstat says so of each, or, with -E, only of the
    last.
    """
    if not result.complete or result.exit_code not in (0, FINISHED, UNKNOWN_JOB):
        return failed("qstat", result)
    found = read(result.stdout.decode("utf-8", "surrogateescape"))
    if result.exit_code == 0 and not found.jobs:
        return failed("qstat, which tells by its exit code when it knows none of the jobs", result)
    if trouble(result):
        found.bad += sum(not any(same_job(one, job.id) for job in found.jobs) for one in asked)
    return _listing(found.jobs, found.bad, user, result)


def _torque_listing(result: CommandResult, user: str) -> Listing:
    if not result.complete or result.exit_code != 0:
        return failed("qstat", result)
    found = read(result.stdout.decode("utf-8", "surrogateescape"))
    return _listing(found.jobs, found.bad, user, result)


def _listing(jobs: Sequence[PbsJob], bad: int, user: str, result: CommandResult) -> Listing:
    ours = [job for job in jobs if STAMP.match(job.attributes["Job_Name"]) and is_of(job, user)]
    problem = f"qstat: {bad} jobs or lines are not what was asked for: {said(result)}" if bad else None
    return Listing(tuple(map(observation, ours)), complete=not bad, problem=problem)
