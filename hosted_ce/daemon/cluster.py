"""One cluster of the site file: its gateway, and the workers that serve it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence

from bosco.batch.model import BatchRequest
from bosco.dialer import Contact
from bosco.gateway import Rendered
from hosted_ce.api.views import Check, ClusterView
from hosted_ce.api.views import Contact as ContactShown
from hosted_ce.capabilities.queue_findings import InQueue
from hosted_ce.capabilities.record import CapabilityRecord
from hosted_ce.daemon.crew import Worker
from hosted_ce.daemon.entry import cluster_of, gateway_of, patience_of
from hosted_ce.daemon.key_uses import KeyUses
from hosted_ce.engine.cancel import Canceller
from hosted_ce.engine.circuit import Circuit, CircuitWatch, pause_words
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.fetch import Fetcher
from hosted_ce.engine.hints import Hints
from hosted_ce.engine.left_out import LeftOut
from hosted_ce.engine.observe import Observer
from hosted_ce.engine.overdue import Reminder
from hosted_ce.engine.ports import Clock, Site
from hosted_ce.engine.probe import Prober
from hosted_ce.engine.pushback import PushBack, Refused
from hosted_ce.engine.quarantine import Quarantine
from hosted_ce.engine.spool import SpoolGuard
from hosted_ce.engine.submit import Submitter
from hosted_ce.engine.sweep import Sweeper
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.cluster import Pause
from hosted_ce.pilots.states import Stage
from hosted_ce.redaction import redacted
from hosted_ce.settings import Settings
from hosted_ce.site import Cluster as Entry
from hosted_ce.store.capabilities import CapabilityStore
from hosted_ce.store.clusters import ClusterStore
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore

REST_S = 20.0
"""How long a part that is to be replaced waits for submits under way; others are in doubt then."""
ContactSince = tuple[ContactShown, float | None]
"""How the contact with a cluster is, and since when, in seconds since the epoch."""


class ClusterPart:
    """What the daemon runs for one cluster."""

    def __init__(
        self, name: str, entry: Entry, settings: Settings, metrics: Metrics, now: Clock,
        *, avoided: Callable[[], Sequence[str]] = tuple,
    ):  # fmt: skip
        """`avoided` gives the nodes that get no pilots now."""
        self._entry, self._metrics, self._now = entry, metrics, now
        uses = KeyUses(settings.state, metrics.keys, now)
        self._gateway = gateway_of(entry, metrics.operation(name), uses.used)
        left_out = LeftOut(now, avoided)
        self._cluster = cluster_of(
            name, entry, settings, self._gateway, pushback=PushBack(now), left_out=left_out
        )
        self._observer: Observer | None = None
        self._submitter: Submitter | None = None
        self._reminder: Reminder | None = None
        self._prober: Prober | None = None
        self._circuit = CircuitWatch(now)
        self._pause: Pause | None = None
        self._quarantines: list[Quarantine] = []

    @property
    def cluster(self) -> Cluster:
        """The cluster as the engine knows it."""
        return self._cluster

    async def load(self, records: ClusterStore, capabilities: CapabilityStore) -> None:
        """What is written down about it. To be called before its workers run."""
        self._records = records
        self._spool = SpoolGuard(self._cluster.name, self._gateway, records, self._now)
        await self._spool.load()
        self._prober = Prober(self._cluster, capabilities, lambda: self._gateway.status, self._now)
        await self._prober.load(self._entry.batch)
        self._hold((await records.get(self._cluster.name)).pause)

    def workers(
        self,
        store: PilotStore,
        contents: ContentStore,
        outputs: OutputStore,
        hints: Hints,
    ) -> Iterator[Worker]:
        """The cluster's workers, by name."""
        name, cluster, now = self._cluster.name, self._cluster, self._now
        relist = self._relist = hints.of({Stage.DOUBTFUL})
        spool = self._spool
        self._observer = Observer(
            cluster,
            store,
            relist,
            now,
            spool=spool,
            on_duplicate=self._metrics.duplicate,
            on_late=self._metrics.late,
        )

        def lost() -> None:
            cluster.gate.close("the connection was lost")
            relist.wake()

        self._gateway.on_loss(lost)
        submitting = hints.of({Stage.SUBMITTING}, endings=True)
        cancelling = hints.of_endings({Stage.QUEUED, Stage.RUNNING})
        fetching = hints.of({Stage.ENDED})
        self._submitter = Submitter(cluster, store, contents.get, submitting, now, spool=spool)
        self._reminder = Reminder(cluster, store, now)
        yield f"submit {name}", self._submitter.run
        yield f"remind {name}", self._reminder.run
        yield f"observe {name}", self._observer.run
        yield f"cancel {name}", Canceller(cluster, store, cancelling, now).run
        fetcher = Fetcher(cluster, store, outputs, fetching, now)
        self._quarantines = [self._submitter.quarantine, self._observer.quarantine, fetcher.quarantine]
        yield f"fetch {name}", fetcher.run
        yield f"sweep {name}", Sweeper(cluster, store, now).run
        if self._prober:
            yield f"probe {name}", self._prober.run

    @property
    def name(self) -> str:
        """Its name in the site file."""
        return self._cluster.name

    @property
    def site(self) -> Site:
        """Its account there."""
        return self._gateway

    async def pause(self, pause: Pause) -> None:
        """Submits nothing until it is resumed; written down."""
        await self._records.pause(self._cluster.name, pause)
        self._hold(pause)

    async def resume(self) -> None:
        """Ends the pause; what waits after a failure is tried at once."""
        await self._records.pause(self._cluster.name, None)
        self._hold(None)
        self._cluster.pushback.forget()
        self.try_again()

    @property
    def record(self) -> CapabilityRecord | None:
        """What the last probe found; None: there was none yet."""
        return self._prober.record if self._prober else None

    async def probe(self) -> None:
        """Asks the site now. Raises what it raises."""
        if self._prober:
            await self._prober.probe()

    async def accept_spool(self, actor: str) -> None:
        """The spool that is there now is ours."""
        await self._spool.accept(f"{actor} says so")
        self.try_again()

    def _hold(self, pause: Pause | None) -> None:
        self._pause = pause
        self._cluster.gate.hold(pause_words(pause) if pause else None)

    def checks(self) -> Iterator[Check]:
        """What there is to know about it for those who watch; no reason to restart anything."""
        if self._reminder and self._reminder.overdue:
            said = f"{self._reminder.overdue} for too long: hosted-ce pilots list --state unknown"
            yield Check(f"doubts {self._cluster.name}", ok=True, detail=said)
        if self.parked:
            said = f"{self.parked} cannot be handled; their reasons and the log say how"
            yield Check(f"parked pilots {self._cluster.name}", ok=True, detail=said)

    def rendered(self, request: BatchRequest) -> Rendered:
        """How this job would be submitted."""
        return self._gateway.rendered(request, self._entry.spool)

    def kept_back(self, route: str) -> Iterator[str]:
        """What keeps pilots of the route from being submitted now, in words."""
        if refusal := self._cluster.pushback.reason(route):
            yield redacted(refusal)
        if reason := self._cluster.gate.reason:
            yield redacted(f"cluster {self._cluster.name}: nothing is submitted now: {reason}")

    @property
    def parked(self) -> int:
        """Pilots that one of the workers cannot handle."""
        return sum(one.parked for one in self._quarantines)

    def refused(self, route: str) -> Refused | None:
        """That the site refused the last pilot of the route; None: it takes them."""
        return next((one for one in self._cluster.pushback.all() if one.route == route), None)

    def gauge(self) -> None:
        """Brings the cluster's metrics up to date."""
        circuit = self._look()
        self._metrics.circuit(self._cluster.name, circuit.state.value)
        self._metrics.refused(self._cluster.name, [one.route for one in self._cluster.pushback.all()])
        self._metrics.overdue(self._cluster.name, self._reminder.overdue if self._reminder else 0)
        ready = self._gateway.status.contact is Contact.READY
        self._metrics.site(self._cluster.name, in_contact=ready, listed_at=self._listed_at)
        login = self.record.found.login if self.record else None
        clock_offset_s = login.clock_offset_s if login else None
        self._metrics.at_site.set(self._cluster.name, self.in_queue.phases, clock_offset_s)

    @property
    def contact(self) -> ContactSince:
        """As it is now."""
        status = self._gateway.status
        return ContactShown(status.contact.value), status.since

    def view(self) -> ClusterView:
        """The cluster as the API shows it."""
        status, gate, circuit = self._gateway.status, self._cluster.gate, self._look()
        return ClusterView(
            name=self._cluster.name,
            batch=self._entry.batch,
            logins=tuple(f"{login.host}:{login.port}" for login in self._entry.login),
            account=self._entry.account,
            contact=ContactShown(status.contact.value),
            since=status.since,
            problem=_shown(status.problem or (self._observer.problem if self._observer else None)),
            listed_at=self._listed_at,
            submitting=gate.is_open,
            closed_reason=_shown(gate.reason),
            state=circuit.state.value,
            state_since=circuit.since,
            state_reason=_shown(circuit.reason),
            window=self._submitter.pace.window.size if self._submitter else 1,
            overdue=self._reminder.overdue if self._reminder else 0,
            probed_at=self.record.taken_at if self.record else None,
            patience=patience_of(self._entry),
        )

    @property
    def in_queue(self) -> InQueue:
        """What the last complete listing says of the jobs of our pilots."""
        return self._observer.in_queue if self._observer else InQueue()

    @property
    def contact_error(self) -> str | None:
        """The class of what went wrong with the contact last, as bosco.errors names it."""
        return self._gateway.status.error

    def _look(self) -> Circuit:
        pushback = self._cluster.pushback.all()
        return self._circuit.look(self._gateway.status, self._cluster.gate, pushback, self._pause)

    async def rest(self) -> None:
        """Begins no submit any more, and waits a while for those under way."""
        self._cluster.gate.hold("its entry in the site file has changed")
        if self._submitter:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REST_S):
                    await self._submitter.quiet()

    def go_on(self) -> None:
        """Ends the rest."""
        self._hold(self._pause)

    def forgive(self, routes: Collection[str]) -> None:
        """These routes were changed: what the site said of them before no longer counts."""
        self._cluster.pushback.forget(routes)

    def try_again(self) -> None:
        """Something was mended: what waits after a failure is tried at once."""
        self._gateway.retry()
        self._relist.wake()

    async def close(self) -> None:
        """Ends the link; jobs and commands at the site go on."""
        await self._gateway.close()

    @property
    def _listed_at(self) -> float | None:
        return self._observer.listed_at if self._observer else None


def _shown(said: str | None) -> str | None:
    """What a site said may repeat a command with a secret in it."""
    return None if said is None else redacted(said)
