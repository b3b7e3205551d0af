"""Submit, list, cancel, fetch: a batch system at the other end of a link. What hosted_ce calls.

Every method raises bosco.errors only; their type says whether the operation may be tried again. One Gateway
serves one account at one cluster.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bosco import together
from bosco.batch.answers import joined, recorded
from bosco.batch.carried import for_agent, too_large
from bosco.batch.model import BatchRequest, JobRecord, Listing
from bosco.batch.plausible import plausible_listing, plausible_record
from bosco.batch.protocol import BatchSystem
from bosco.batch.wrapper import job_record
from bosco.capabilities import Capabilities
from bosco.commands import OUTPUT_LIMIT, REPLY_MARGIN_S, Commands
from bosco.dialer import ContactStatus, Dialer
from bosco.errors import BoscoError, Failed, Interrupted, NotRun, OtherSpool, Refusal
from bosco.frames import Frame
from bosco.link import Link, other_spool
from bosco.outputs import Output, end_of
from bosco.probe import probe
from bosco.replies import record_of, told, told_evidence, told_or_none, told_texts
from bosco.staging import Contents, Stage
from bosco.together import Outcome

TRANSFER_TIMEOUT_S = 120.0
BEGIN_FACTOR = 0.5
"""A submit command begins within so many times its own deadline after it was asked for, or never."""
MANY = 200

T = TypeVar("T")
Observer = Callable[[str, float, str], None]
"""Told of each operation: its name, how long it took in seconds, how it ended ("ok" or the error's class)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the spool knows of a stamp.

    `batch_id` is set when the submit command's answer is on record and was a yes; `refused` when it was a
    clear no. Claimed without either: it may have been submitted.
    """

    claimed: bool
    answered: bool
    batch_id: str | None
    refused: Failed | None
    job: JobRecord


@dataclass(frozen=True, slots=True)
class Rendered:
    """How a job is submitted, as it would be sent: `argv` runs in `folder`, which has the files."""

    folder: str
    argv: tuple[str, ...]
    files: Mapping[str, bytes]


class Gateway:
    """One account at one batch system. Calls may overlap; the caller bounds how many."""

    def __init__(
        self, dialer: Dialer, batch: BatchSystem, *, command_timeout: float = 120.0,
        observer: Observer = lambda operation, seconds, outcome: None, path: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ):  # fmt: skip
        """`path`: folders at the site where batch commands are looked for first; `environment`: for them."""
        self._dialer, self._batch = dialer, batch
        self._commands = Commands(batch.personal, command_timeout, tuple(path), dict(environment or {}))
        self._command_timeout = command_timeout
        self._observer = observer
        self._stage: Stage | None = None
        self._mark: str | None = None
        self._root: str | None = None
        dialer.check(self._check_spool)

    @property
    def status(self) -> ContactStatus:
        """Whether we are in contact with the site, since when, and the last problem."""
        return self._dialer.status

    def on_loss(self, callback: Callable[[], None]) -> None:
        """Calls back each time a working link was lost."""
        self._dialer.on_loss(callback)

    def retry(self) -> None:
        """Ends the pause after a failure to connect."""
        self._dialer.retry()

    async def reconnect(self) -> None:
        """Gives up the link and makes a new one at the next call, without a pause."""
        await self._dialer.close()
        self._dialer.retry()

    def expect(self, mark: str | None) -> None:
        """The stamp that marks our spool: where it is not claimed, OtherSpool is raised, and nothing done."""
        self._mark = mark

    async def mark(self, mark: str) -> None:
        """Claims the stamp that is to mark this spool as ours."""
        await self.revoke(mark)

    async def check_spool(self) -> None:
        """Raises OtherSpool when the spool is no longer ours; the link is then given up."""
        link = await self._dialer.link()
        try:
            await self._check_spool(link)
        except OtherSpool:
            await link.close()
            raise

    async def close(self) -> None:
        """Ends the link; jobs and commands at the site go on."""
        await self._dialer.close()

    def rendered(self, request: BatchRequest, spool: str) -> Rendered:
        """What `submit` would send for this request. Nothing is sent.

        The spool's path is as the site said when it was last in contact; before that, it is `spool`.
        """
        folder = f"{self._root or spool}/pilots/{request.stamp}"
        job = self._batch.submission(request, folder)
        return Rendered(folder, tuple(job.argv), job.files)

    async def submit(self, request: BatchRequest, contents: Contents, *, mark: str | None = None) -> str:
        """Submits once in the life of `request.stamp`; returns the batch id.

        Called again for the same stamp, it returns what the first call led to. Raises NotRun (call again),
        Failed (a clear no: a new attempt needs a new stamp), Interrupted (look at `evidence` first).
        `mark`: of the spool that the request is meant for, the expected one by default; the agent looks for
        it when the stamp is claimed. However late the request arrives, the submit command has ended
        (1 + BEGIN_FACTOR) times `command_timeout` after this call, or never begins.
        """
        return await self._observed("submit", self._submit(request, contents, mark or self._mark))

    def alike(self, request: BatchRequest) -> Hashable | None:
        """Requests for which this is equal may be submitted together; None: this one goes alone."""
        return self._batch.arrays.alike(request) if self._batch.arrays else None

    async def submit_together(
        self, requests: Sequence[BatchRequest], contents: Contents, *, mark: str | None = None
    ) -> dict[str, Outcome]:
        """Submits these, which are alike, with one command: as `submit` would, for each of them.

        Returns by stamp what `submit` would have returned or raised. What is raised is true of all of them.
        """
        work = self._submit_together(list(requests), contents, mark or self._mark)
        return await self._observed("submit", work)

    async def listing(self) -> Listing:
        """All our jobs that the batch system lists now."""
        return await self._observed("list", self._listing())

    async def accounting(
        self, since: float, *, stamps: Sequence[str] = (), batch_ids: Sequence[str] = ()
    ) -> Listing:
        """What the batch system's records say of these jobs, submitted after `since` (epoch seconds)."""
        return await self._observed("account", self._accounting(since, stamps, batch_ids))

    async def evidence(self, stamps: Sequence[str]) -> dict[str, Evidence]:
        """What the spool knows of these stamps."""
        return await self._observed("evidence", self._evidence(stamps))

    async def revoke(self, stamp: str, *, mark: str | None = None) -> bool:
        """Makes sure that `stamp` is never submitted. False when it was claimed before: look at evidence.

        `mark` as for `submit`.
        """
        header = {"stamp": stamp, "mark": mark or self._mark}
        link = await self._dialer.link()
        reply = await self._in_our_spool(link, "revoke", header, timeout=TRANSFER_TIMEOUT_S)
        record = record_of(reply.header.get("record"))
        return told(reply.header, "revoked", bool) or bool(record and record.get("revoked"))

    async def cancel(self, batch_ids: Sequence[str], *, gentle: bool = False) -> None:
        """Asks to cancel these jobs. They have ended only when a listing or the records say so.

        `gentle`: those that run get SIGTERM, or what their wrapper passes on as that, and time to end in
        order. What becomes of those that wait is the batch system's: they stay, or are cancelled at once.
        """
        for some in _parts(batch_ids, MANY):
            await self._observed("cancel", self._cancel(tuple(some), gentle))

    async def refresh(self, stamp: str, files: Mapping[str, str], contents: Contents) -> bool:
        """Replaces credentials of the job `stamp`: `files` is name to SHA-256, `contents` gives the bytes.

        A job that has not begun starts with them; a running pilot finds them in its start directory within
        `BatchRequest.refresh_s` seconds and what a network file system needs. Calling again is harmless.
        False: the site has no such job: it was not submitted yet, or its folder was removed. Raises NotRun
        or Interrupted (call again), Failed (a name is not one of the job's credentials: nothing was done).
        """
        return await self._observed("refresh", self._refresh(stamp, files, contents))

    async def output(self, stamp: str, name: str, limit: int = OUTPUT_LIMIT) -> Output:
        """The job's `stdout`, `stderr` or `scheduler.log`."""
        return await self._observed("fetch", self._output(stamp, name, limit))

    async def probe(self) -> Capabilities:
        """What the batch system is, and what the account can do there. Changes nothing at the site."""
        return await self._observed("probe", self._probe())

    async def remove(self, stamps: Sequence[str]) -> dict[str, str]:
        """Removes the folders of these stamps at the site; returns those that stayed, with the reason."""
        link = await self._dialer.link()
        failed: dict[str, str] = {}
        for some in _parts(stamps, MANY):
            reply = await link.call("remove", {"stamps": some}, timeout=TRANSFER_TIMEOUT_S)
            failed.update(told(reply.header, "failed", dict))
        return failed

    async def _submit(self, request: BatchRequest, contents: Contents, mark: str | None) -> str:
        link = await self._dialer.link()
        wanted = together.wanted(request)
        await self._staged(link, wanted.values(), contents)
        job = self._batch.submission(request, f"{link.facts['spool']}/pilots/{request.stamp}")
        header = {
            "stamp": request.stamp,
            "inputs": wanted,
            "credentials": request.credentials,
            "mark": mark,
            "before": link.until(BEGIN_FACTOR * self._command_timeout),
            "files": [(name, len(content)) for name, content in job.files.items()],
            **self._commands.header(job.argv, job.environment),
            **for_agent(job.enclosing),
        }
        patience, body = self._command_timeout + REPLY_MARGIN_S, b"".join(job.files.values())
        reply = await self._in_our_spool(link, "submit", header, body, timeout=patience)
        self._check_there(link, reply.header)
        if size := told_or_none(reply.header, "too_large", int):
            raise Failed(too_large(size, header["largest"]), refusal=Refusal.PERMANENT)
        return self._answer(record_of(reply.header.get("record")))

    async def _submit_together(
        self, requests: list[BatchRequest], contents: Contents, mark: str | None
    ) -> dict[str, Outcome]:
        """Again without those that had been claimed before, if there are some."""
        found = await self._submit_array(requests, contents, mark)
        if left := [request for request in requests if request.stamp not in found]:
            try:
                found |= await self._submit_together(left, contents, mark)
            except BoscoError as error:
                found |= dict.fromkeys((request.stamp for request in left), error)
        return found

    async def _submit_array(
        self, requests: Sequence[BatchRequest], contents: Contents, mark: str | None
    ) -> dict[str, Outcome]:
        if self._batch.arrays is None:
            raise ValueError("this batch system is not asked for arrays")
        link = await self._dialer.link()
        inputs = {sha256 for request in requests for sha256 in together.wanted(request).values()}
        await self._staged(link, inputs, contents)
        jobs = self._batch.arrays.submission(requests, f"{link.facts['spool']}/pilots")
        header = {
            "mark": mark,
            "before": link.until(BEGIN_FACTOR * self._command_timeout),
            **together.as_header(jobs),
            **self._commands.header(jobs.argv, {}),
        }
        patience, body = self._command_timeout + REPLY_MARGIN_S, together.as_body(jobs)
        reply = await self._in_our_spool(link, "submit_together", header, body, timeout=patience)
        self._check_there(link, reply.header)
        return together.outcomes(jobs, reply.header, self._answer)

    async def _in_our_spool(
        self, link: Link, operation: str, header: dict[str, Any], body: bytes = b"", *, timeout: float
    ) -> Frame:
        try:
            return await link.call(operation, header, body, timeout=timeout)
        except OtherSpool as error:
            await link.close()
            raise other_spool(link, str(error)) from error

    async def _refresh(self, stamp: str, files: Mapping[str, str], contents: Contents) -> bool:
        link = await self._dialer.link()
        await self._staged(link, files.values(), contents)
        header = {"stamp": stamp, "files": dict(files)}
        reply = await link.call("refresh", header, timeout=TRANSFER_TIMEOUT_S)
        self._check_there(link, reply.header)
        known = told(reply.header, "known", bool)
        if known and (foreign := told_texts(reply.header, "foreign")):
            raise Failed(f"{foreign} are no credentials of this job", refusal=Refusal.PERMANENT)
        return known

    async def _staged(self, link: Link, wanted: Iterable[str], contents: Contents) -> None:
        try:
            await self._stage_of(link).ensure(wanted, contents)
        except Interrupted as error:  # the request itself was not sent
            raise NotRun(f"the input files are not all at the site: {error}") from error

    def _check_there(self, link: Link, header: Mapping[str, Any]) -> None:
        if header.get("missing") and (gone := told_texts(header, "missing")):
            self._stage_of(link).forget(gone)
            raise NotRun(f"{len(gone)} input files are no longer in the spool; they will be sent again")

    def _stage_of(self, link: Link) -> Stage:
        if self._stage is None or self._stage.link is not link:
            self._stage = Stage(link, timeout=TRANSFER_TIMEOUT_S)
        return self._stage

    def _answer(self, record: Mapping[str, Any] | None) -> str:
        if record is None:
            raise Interrupted(
                "this stamp was claimed before, and the submit command's answer is not on record"
            )
        if record.get("revoked"):
            raise Failed("this stamp was revoked", refusal=Refusal.TRANSIENT)
        if "task" not in record:
            return self._batch.submitted(recorded(record))
        try:
            return f"{self._batch.submitted(recorded(record))}{record['task']}"
        except Failed as no:
            raise together.said_to_many(no) from no

    async def _listing(self) -> Listing:
        link = await self._dialer.link()
        found = await self._commands.talk(link, self._batch.listing(link.facts["user"]))
        return plausible_listing(found)

    async def _accounting(self, since: float, stamps: Sequence[str], batch_ids: Sequence[str]) -> Listing:
        link = await self._dialer.link()
        user = link.facts["user"]
        asked = [self._batch.accounting(user, since, stamps=some) for some in _parts(stamps, MANY)]
        asked += [self._batch.accounting(user, since, batch_ids=some) for some in _parts(batch_ids, MANY)]
        found = joined([await self._commands.talk(link, dialogue) for dialogue in asked])
        return plausible_listing(found)

    async def _evidence(self, stamps: Sequence[str]) -> dict[str, Evidence]:
        link = await self._dialer.link()
        found: dict[str, Evidence] = {}
        for some in _parts(stamps, MANY):
            for stamp, said in (await self._spool_says(link, some)).items():
                found[stamp] = self._judged(said)
        return found

    async def _spool_says(self, link: Link, stamps: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """With the mark in the same request, so that it is about the same spool."""
        mark = self._mark
        asked = [*stamps, mark] if mark else list(stamps)
        reply = await link.call("evidence", {"stamps": asked}, timeout=TRANSFER_TIMEOUT_S)
        said = told_evidence(reply.body)
        if missing := set(asked) - set(said):
            raise Interrupted(f"the agent's answer makes no sense: {len(missing)} stamps are not in it")
        if mark and not said.pop(mark)["claimed"]:
            raise other_spool(link, "the mark is missing")
        return said

    async def _check_spool(self, link: Link) -> None:
        if self._mark:
            try:
                await self._spool_says(link, ())
            except Interrupted as error:  # nothing was asked of the site yet
                raise NotRun(str(error)) from error
        self._root = link.facts["spool"]

    def _judged(self, said: Mapping[str, Any]) -> Evidence:
        record = record_of(said["record"])
        batch_id, refused = None, None
        try:
            batch_id = self._answer(record)
        except Failed as error:
            refused = error
        except Interrupted:
            pass  # no clear answer: that is what the evidence is asked for
        job = plausible_record(job_record(said["start"], said["exit"]))
        return Evidence(bool(said["claimed"]), record is not None, batch_id, refused, job)

    async def _probe(self) -> Capabilities:
        return await probe(await self._dialer.link(), self._batch, self._commands)

    async def _cancel(self, batch_ids: tuple[str, ...], gentle: bool) -> None:
        link = await self._dialer.link()
        await self._commands.talk(link, self._batch.cancel(batch_ids, gentle=gentle))

    async def _output(self, stamp: str, name: str, limit: int) -> Output:
        return await end_of(await self._dialer.link(), stamp, name, limit, timeout=TRANSFER_TIMEOUT_S)

    async def _observed(self, operation: str, work: Coroutine[Any, Any, T]) -> T:
        began, outcome = time.monotonic(), "ok"
        try:
            return await work
        except BoscoError as error:
            outcome = type(error).__name__
            raise
        finally:
            self._observer(operation, time.monotonic() - began, outcome)


def _parts(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
