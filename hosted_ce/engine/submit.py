"""Step: submit. Sends each attempt to the site, once in the life of its stamp."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import structlog

from bosco.batch.model import BatchRequest, InputFile
from bosco.errors import BoscoError, Failed, Interrupted, NotRun, Refusal
from bosco.together import Outcome
from hosted_ce.correlation import bound
from hosted_ce.engine.array_size import ArraySizes
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.hints import Hint
from hosted_ce.engine.judge import attempt_of
from hosted_ce.engine.ports import Clock, Contents, Store
from hosted_ce.engine.quarantine import Quarantine
from hosted_ce.engine.spool import SpoolGuard
from hosted_ce.engine.submission import doubted, gone, refused, submitted, unusable
from hosted_ce.engine.together import SIDE_BY_SIDE, Group, changes, limit, not_for_good, refusal, trouble
from hosted_ce.engine.window import Window
from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import Stage
from hosted_ce.test_pilots.errand import AIM

log = structlog.get_logger(__name__)
INTERVAL_S = 30.0


class Submitter:
    """Submits the pilots of one cluster, so many at a time, while the gate is open."""

    def __init__(
        self, cluster: Cluster, store: Store, contents: Contents, hint: Hint, now: Clock, *, spool: SpoolGuard
    ):
        self._cluster, self._store, self._contents, self._spool = cluster, store, contents, spool
        self._hint, self._now = hint, now
        self.quarantine = Quarantine("submit", store, now)
        self.sizes = ArraySizes(cluster.together)
        self.window = Window(min(cluster.window, SIDE_BY_SIDE) if self._shares else cluster.window)
        self._closings = cluster.gate.closings
        self._busy: set[int] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def _shares(self) -> bool:
        return self._cluster.together > 1

    async def quiet(self) -> None:
        """Returns when none is being sent."""
        await self._quiet.wait()

    async def run(self) -> None:
        """Runs for ever. A cancellation interrupts no submit command at the site."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._cluster.gate.wait()
                start = self._start_group if self._shares else self._start_some
                if not await start(tasks):
                    await self._hint.wait(INTERVAL_S)

    async def _new(self, most: int) -> list[int]:
        busy = set(self._busy)  # as of now: one that ends while we read is still SUBMITTING in what we read
        limit = len(busy) + self.quarantine.parked + most
        found = await self._store.ids_at_stage(
            Stage.SUBMITTING, cluster=self._cluster.name, limit=limit, without=self._cluster.pushback.paused()
        )
        return [one for one in found if one not in busy and self.quarantine.admits(one)]

    async def _start_some(self, tasks: asyncio.TaskGroup) -> bool:
        new = await self._new(4 * self._cluster.window)
        for pilot_id in new:
            self._slow_start()
            await self.window.acquire()
            if not self._cluster.gate.is_open:
                self.window.release()
                break
            self._begin(pilot_id)
            tasks.create_task(self._one(pilot_id), name=f"submit-{pilot_id}")
        return bool(new)

    async def _start_group(self, tasks: asyncio.TaskGroup) -> bool:
        """One, made when there is room for it: what came meanwhile goes along."""
        self._slow_start()
        await self.window.acquire()
        group: list[Pilot] = []
        try:
            if self._cluster.gate.is_open:
                group = await self._next_group()
        finally:
            if not group:
                self.window.release()
        if not group:
            return not self._cluster.gate.is_open  # to wait for the gate, or for more
        self._begin(*(pilot.id for pilot in group))
        work = self._one(group[0].id) if len(group) == 1 else self._many(group)
        tasks.create_task(work, name=f"submit-{group[0].id}")
        return True

    async def _next_group(self) -> list[Pilot]:
        group = Group(self._alike, self.sizes)
        for pilot_id in await self._new(2 * self._cluster.together):
            pilot = await self._store.get(pilot_id)
            if pilot and pilot.stage is Stage.SUBMITTING and not group.offer(pilot):
                break
        return group.pilots

    def _alike(self, pilot: Pilot) -> Hashable | None:
        plain = pilot.purpose.counts and not pilot.goal.ends_attempt and self._spool.covers(pilot)
        if not plain or self._spool.mark is None or not self.quarantine.spotless(pilot.id):
            return None
        try:
            return self._cluster.site.alike(batch_request(pilot, self._cluster.scratch))
        except Exception:  # its own turn, alone, tells what is wrong with it
            return None

    def _begin(self, *pilot_ids: int) -> None:
        self._busy.update(pilot_ids)
        self._quiet.clear()

    def _end(self, *pilot_ids: int) -> None:
        self._busy.difference_update(pilot_ids)
        if not self._busy:
            self._quiet.set()

    async def _many(self, pilots: Sequence[Pilot]) -> None:
        route = attempt_of(pilots[0]).route
        try:
            with bound(cluster=self._cluster.name):
                try:
                    found = await self._submit_together(pilots, route)
                finally:
                    self.window.release()
                await self._store.apply(found)
        except Exception as error:  # which of them it is shows when each goes alone
            for pilot in pilots:
                self.quarantine.failed(pilot.id, error)
                await self._tell(pilot.id)
        finally:
            self._end(*(pilot.id for pilot in pilots))

    async def _submit_together(self, pilots: Sequence[Pilot], route: str) -> list[Change]:
        requests = [batch_request(pilot, self._cluster.scratch) for pilot in pilots]
        mark = self._spool.mark
        if mark is None or self._cluster.pushback.reason(route):
            return []  # since they were chosen
        answers: Mapping[str, Outcome]
        try:
            answers = await self._cluster.site.submit_together(requests, self._contents, mark=mark)
        except BoscoError as error:
            answers = dict.fromkeys((request.stamp for request in requests), error)
        except ContentUnusable:  # of one of them: the others can go
            each = [await self._submit(pilot, mark) for pilot in pilots]
            return [change for change in each if change]
        self._heed(answers, route)
        return changes(pilots, not_for_good(answers), self._now())

    def _heed(self, answers: Mapping[str, Outcome], route: str) -> None:
        """What the next ones have of it. One answer was given to all of them."""
        if no := refusal(answers):
            log.warning("submission refused", route=route, kind=no.refusal.value, problem=str(no))
            self._cluster.pushback.refused(route, limit(no))
            self.sizes.refused(route, no.refusal)
            self.window.shrink()
        elif all(isinstance(answer, str) for answer in answers.values()):
            self._cluster.pushback.accepted(route)
            self.sizes.accepted(route)
            self.window.grow()
        if error := trouble(answers):
            self._pause(error)

    async def _one(self, pilot_id: int) -> None:
        try:
            with bound(pilot=pilot_id, cluster=self._cluster.name):
                await self._try(pilot_id)
            self.quarantine.passed(pilot_id)
        except Exception as error:  # one pilot that cannot be handled must not keep the others from the site
            self.quarantine.failed(pilot_id, error)
            await self._tell(pilot_id)
        finally:
            self._end(pilot_id)

    async def _try(self, pilot_id: int) -> None:
        try:
            change = await self._send(pilot_id)
        finally:
            self.window.release()
        if change:
            await self._store.apply([change])

    async def _tell(self, pilot_id: int) -> None:
        try:
            if pilot := await self._store.get(pilot_id):
                await self.quarantine.tell(pilot)
        except Exception:  # the store may be what fails; the log has the pilot's own error
            log.exception("cannot write down that a pilot is parked", pilot=pilot_id)
            await asyncio.sleep(INTERVAL_S)

    def _slow_start(self) -> None:
        if self._closings != self._cluster.gate.closings:
            self._closings = self._cluster.gate.closings
            self.window.shrink()
            self.sizes.restart()

    async def _send(self, pilot_id: int) -> Change | None:
        # Looked at now: while it waited for its turn it may have been removed, or found at the site.
        pilot = await self._store.get(pilot_id)
        if pilot is None or pilot.stage is not Stage.SUBMITTING:
            return None
        if not self._spool.covers(pilot):
            return doubted(pilot, "it may have been sent to the spool that was here before", self._now())
        if self._spool.mark is None:  # accepted just now: the observer marks it before it opens the gate
            self._pause(NotRun("the spool is not marked yet"))
            return None
        if pilot.goal.ends_attempt:
            return await self._withdraw(pilot, gone(pilot, self._now()), self._spool.mark)
        return await self._submit(pilot, self._spool.mark)

    async def _submit(self, pilot: Pilot, mark: str) -> Change | None:
        if self._cluster.pushback.reason(attempt_of(pilot).route):
            return None  # refused to others while it waited for its turn
        try:
            batch_id = await self._cluster.site.submit(
                batch_request(pilot, self._cluster.scratch), self._contents, mark=mark
            )
        except NotRun as error:
            self._pause(error)
            return None
        except Interrupted as error:
            stamp = attempt_of(pilot).stamp
            log.warning("submission in doubt", pilot=pilot.id, stamp=stamp, problem=str(error))
            return doubted(pilot, str(error), self._now())
        except Failed as error:
            return self._refused(pilot, error)
        except ContentUnusable as error:
            log.error("a pilot cannot be submitted", pilot=pilot.id, problem=str(error))
            return await self._withdraw(pilot, unusable(pilot, error, self._now()), mark)
        self.window.grow()
        if pilot.purpose.counts:
            self._cluster.pushback.accepted(attempt_of(pilot).route)
            self.sizes.accepted(attempt_of(pilot).route)
        return submitted(pilot, batch_id, self._now())

    async def _withdraw(self, pilot: Pilot, withdrawn: Change, mark: str) -> Change | None:
        """A pilot that is not to run: no request of it may ever reach the batch system."""
        try:
            revoked = await self._cluster.site.revoke(attempt_of(pilot).stamp, mark=mark)
        except (NotRun, Interrupted, Failed) as error:
            self._pause(error)
            return None
        return withdrawn if revoked else doubted(pilot, "it may have been sent before", self._now())

    def _pause(self, error: BoscoError) -> None:
        if self._cluster.gate.is_open:
            log.warning("submission pauses", cluster=self._cluster.name, problem=str(error))
        self._cluster.gate.close(str(error))

    def _refused(self, pilot: Pilot, error: Failed) -> Change:
        attempt = attempt_of(pilot)
        if error.refusal is Refusal.PERMANENT and self._left_nodes_out(pilot, error):
            return refused(pilot, error, self._now())
        if pilot.purpose.counts:
            self._cluster.pushback.refused(attempt.route, error)
            self.sizes.refused(attempt.route, error.refusal)
        self.window.shrink()
        log.warning("submission refused", pilot=pilot.id, kind=error.refusal.value, problem=str(error))
        if error.refusal is Refusal.TRANSIENT:
            # It may run all the same (seen with an overloaded slurmctld): a complete listing decides.
            self._pause(error)
            return doubted(pilot, str(error), self._now())
        return refused(pilot, error, self._now())

    def _left_nodes_out(self, pilot: Pilot, error: Failed) -> bool:
        """Whether nodes that it was not to run on may be why the site refused it.

        A test that left none out shows nothing: it may have asked for what no pilot of the route does.
        """
        attempt = attempt_of(pilot)
        nodes = attempt.request.get("left_out", ())
        if not nodes and not pilot.purpose.counts:
            return False
        return self._cluster.left_out.refused(attempt.route, nodes, error)


def batch_request(pilot: Pilot, scratch: str | None) -> BatchRequest:
    """What the site is asked for: the pilot's own files and command, with the route's request."""
    attempt, spec = attempt_of(pilot), pilot.spec
    ask: Mapping[str, Any] = attempt.request
    return BatchRequest(
        stamp=attempt.stamp,
        executable=spec["executable"],
        inputs=tuple(InputFile(f["name"], f["sha256"], f["executable"]) for f in spec["inputs"]),
        arguments=tuple(spec["arguments"]),
        environment=_environment(ask, spec),
        walltime_s=ask["walltime_s"],
        cpus=ask["cpus"],
        memory_mb=ask["memory_mb"],
        queue=ask["queue"],
        account=ask["account"],
        qos=ask["qos"],
        gpus=ask["gpus"],
        whole_node=ask["whole_node"],
        extra=tuple(ask["extra"]),
        credentials=tuple(spec.get("credentials", ())),
        proxy=spec.get("proxy"),
        prologue=ask.get("prologue"),
        scratch=scratch,
        gpu_type=ask.get("gpu_type"),
        constraint=ask.get("constraint"),
        reservation=ask.get("reservation"),
        left_out=tuple(ask.get("left_out", ())),
        node=ask.get("node"),
    )


def _environment(ask: Mapping[str, Any], spec: Mapping[str, Any]) -> Mapping[str, str]:
    """In HTCondor-CE's order. A request of before an update has not all keys.

    Tests are told what was asked for.
    """
    own = {} if ask.get("replaces") else spec["environment"]
    asked = {"HOSTED_CE_CPUS": ask["cpus"], "HOSTED_CE_MEMORY_MB": ask["memory_mb"]} if AIM in spec else {}
    told = {name: str(value) for name, value in asked.items()}
    return {**ask["base_environment"], **own, **ask["environment"], **told}
