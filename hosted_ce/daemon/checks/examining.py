"""Examines one cluster of a site file: the way to each login node, then the batch system behind them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

from bosco.approach import Approach, Step
from bosco.batch.model import BatchRequest
from bosco.batch.registry import batch_system
from bosco.commands import Commands
from bosco.dials import local_dial
from bosco.errors import NotRun
from bosco.examination import examine
from bosco.examined import Examination
from bosco.link import Link
from bosco.ssh.walk import Patience, walk
from hosted_ce.capabilities.wanted import RouteWants, wanted
from hosted_ce.checks.judges.facts import Facts, Strangers
from hosted_ce.daemon.entry import logins_of
from hosted_ce.daemon.explaining.explainer import NO_STAMP
from hosted_ce.routing.route import Table
from hosted_ce.site import Cluster as Entry

KnownHere = Callable[[Examination], Awaitable[Strangers]]
"""Which stamps that were seen at the site are of no attempt of this CE."""


class Examiner:
    """`patience` is for each step of the way; `known_here` is None where nobody knows the CE's attempts."""

    def __init__(
        self, name: str, entry: Entry, table: Table, *, known_here: KnownHere | None = None,
        patience: Patience | None = None,
    ):  # fmt: skip
        self._entry, self._known_here, self._patience = entry, known_here, patience or Patience()
        self._wanted = wanted(table, name, entry.poll, entry.together)

    async def facts(self) -> AsyncGenerator[Facts, None]:
        """What is known after each step, until all is; the connection ends with it.

        Raises BoscoError when the connection is lost in the middle: what was known before still is.
        """
        facts, link = Facts(self._wanted, has_scratch=self._entry.scratch is not None), None
        try:
            async for way, found in self._ways():
                facts = replace(facts, approaches=(*facts.approaches, way))
                if link is None:
                    link = found
                elif found is not None:
                    await found.close()
                yield facts
            if link is not None:
                async with aclosing(self._behind(link, facts)) as known:
                    async for facts in known:
                        yield facts
        finally:
            if link is not None:
                await link.close()

    async def _behind(self, link: Link, facts: Facts) -> AsyncGenerator[Facts, None]:
        entry = self._entry
        batch = batch_system(entry.batch, entry.codec_options)
        commands = Commands(batch.personal, entry.command_timeout, tuple(entry.path), entry.environment)
        requests = {wants.route: request_of(wants) for wants in self._wanted.routes}
        async with aclosing(examine(link, batch, commands, requests)) as steps:
            async for known in steps:
                facts = replace(facts, known=known)
                yield facts
        if self._known_here:
            yield replace(facts, strangers=await self._known_here(facts.known))

    async def _ways(self) -> AsyncGenerator[tuple[Approach, Link | None], None]:
        entry, access = self._entry, self._entry.ssh
        if access is None:
            yield await self._beside()
            return
        for login in logins_of(entry.account, access):
            yield await walk(login, python=entry.python, spool=entry.spool, patience=self._patience)

    async def _beside(self) -> tuple[Approach, Link | None]:
        entry = self._entry
        way = Approach("this machine", local=True)
        try:
            dial = local_dial(python=entry.python, spool=entry.spool, account=entry.account)
            return way, await dial()
        except NotRun as error:
            step = Step.SPOOL if "refused 'hello'" in str(error) else Step.PYTHON
            return replace(way, failed=step, said=str(error)), None


def request_of(wants: RouteWants) -> BatchRequest:
    """A job as the route asks for it, to be tried."""
    ask = wants.ask
    return BatchRequest(
        stamp=NO_STAMP, executable="pilot.sh", inputs=(), walltime_s=ask.walltime_s, cpus=ask.cpus,
        memory_mb=ask.memory_mb, queue=ask.queue, account=ask.account, qos=ask.qos, gpus=ask.gpus,
        whole_node=ask.whole_node, gpu_type=ask.gpu_type, constraint=ask.constraint,
        reservation=ask.reservation, extra=ask.extra,
    )  # fmt: skip


def stamps_seen(known: Examination) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of folders, and of jobs in the batch system's list."""
    folders = getattr(known.look, "stamps", None) or ()
    jobs = tuple(job.stamp for job in known.listed.listing.observations) if known.listed else ()
    return folders, jobs
