"""Sends one pilot to the site: what it is told there, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bosco.errors import Failed, Interrupted, NotRun, Refusal
from hosted_ce.engine.batch_request import batch_request
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.judge import attempt_of
from hosted_ce.engine.pace import Pace
from hosted_ce.engine.ports import Clock, Contents, Store
from hosted_ce.engine.spool import SpoolGuard
from hosted_ce.engine.submission import doubted, gone, refused, submitted, unusable
from hosted_ce.pilots.contents import ContentUnusable
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import Stage

log = structlog.get_logger(__name__)


class Sender:
    """Sends to one cluster."""

    def __init__(
        self, cluster: Cluster, store: Store, contents: Contents, now: Clock, *, spool: SpoolGuard, pace: Pace
    ):
        self._cluster, self._store, self._contents, self._now = cluster, store, contents, now
        self._spool, self._pace = spool, pace

    async def send(self, pilot_id: int) -> Sequence[Change]:
        """A pilot whose turn it is."""
        # Looked at now: while it waited for its turn it may have been removed, or found at the site.
        pilot = await self._store.get(pilot_id)
        if pilot is None or pilot.stage is not Stage.SUBMITTING:
            return []
        change = await self._send(pilot)
        return [change] if change else []

    async def _send(self, pilot: Pilot) -> Change | None:
        if not self._spool.covers(pilot):
            return doubted(pilot, "it may have been sent to the spool that was here before", self._now())
        if self._spool.mark is None:  # accepted just now: the observer marks it before it opens the gate
            self._pace.pause(NotRun("the spool is not marked yet"))
            return None
        if pilot.goal.ends_attempt:
            return await self._withdraw(pilot, gone(pilot, self._now()), self._spool.mark)
        return await self.submit(pilot, self._spool.mark)

    async def submit(self, pilot: Pilot, mark: str) -> Change | None:
        """To the spool that has the mark, unless its route rests. None: nothing happened."""
        if self._cluster.pushback.reason(attempt_of(pilot).route):
            return None  # refused to others while it waited for its turn
        try:
            batch_id = await self._cluster.site.submit(
                batch_request(pilot, self._cluster.scratch), self._contents, mark=mark
            )
        except NotRun as error:
            self._pace.pause(error)
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
        self._pace.accepted(pilot)
        return submitted(pilot, batch_id, self._now())

    async def _withdraw(self, pilot: Pilot, withdrawn: Change, mark: str) -> Change | None:
        """A pilot that is not to run: no request of it may ever reach the batch system."""
        try:
            revoked = await self._cluster.site.revoke(attempt_of(pilot).stamp, mark=mark)
        except (NotRun, Interrupted, Failed) as error:
            self._pace.pause(error)
            return None
        return withdrawn if revoked else doubted(pilot, "it may have been sent before", self._now())

    def _refused(self, pilot: Pilot, error: Failed) -> Change:
        if error.refusal is Refusal.PERMANENT and self._left_nodes_out(pilot, error):
            return refused(pilot, error, self._now())
        self._pace.refused(pilot, error)
        log.warning("submission refused", pilot=pilot.id, kind=error.refusal.value, problem=str(error))
        if error.refusal is Refusal.TRANSIENT:
            # It may run all the same (seen with an overloaded slurmctld): a complete listing decides.
            self._pace.pause(error)
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
