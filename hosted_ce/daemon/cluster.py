"""One cluster of the site file: its gateway, and the workers that serve it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator

from bosco.batch.slurm import Slurm
from bosco.dialer import Contact, Dialer
from bosco.dials import ssh_dial
from bosco.gateway import Gateway
from bosco.ssh import Login
from hosted_ce.api.services import ClusterView
from hosted_ce.api.services import Contact as ContactShown
from hosted_ce.engine.cancel import Canceller
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.fetch import Fetcher
from hosted_ce.engine.hints import Hints
from hosted_ce.engine.judge import Policy
from hosted_ce.engine.observe import Observer
from hosted_ce.engine.submit import Submitter
from hosted_ce.engine.sweep import Sweeper
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.states import Stage
from hosted_ce.settings import Settings
from hosted_ce.site import Cluster as Entry
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore

ANSWER_GRACE_FACTOR = 2
"""A submit command may still be at it for so many times its own time limit after its answer was lost."""

Worker = tuple[str, Callable[[], Awaitable[None]]]


class ClusterPart:
    """What the daemon runs for one cluster."""

    def __init__(self, name: str, entry: Entry, settings: Settings, metrics: Metrics):
        self._entry, self._metrics = entry, metrics
        self._gateway = Gateway(
            _dialer(entry),
            Slurm(),
            command_timeout=entry.command_timeout,
            observer=metrics.operation(name),
        )
        self._cluster = Cluster(
            name,
            self._gateway,
            policy=Policy(entry.missing_grace, ANSWER_GRACE_FACTOR * entry.command_timeout),
            interval=entry.poll,
            window=entry.submit_window,
            scratch=str(entry.scratch) if entry.scratch else None,
            output_limit=settings.max_output,
            keep_folders=settings.keep_folders,
        )
        self._observer: Observer | None = None

    def workers(
        self, store: PilotStore, contents: ContentStore, outputs: OutputStore, hints: Hints
    ) -> Iterator[Worker]:
        """The cluster's workers, by name."""
        name, cluster, now = self._cluster.name, self._cluster, time.time
        relist = hints.of({Stage.DOUBTFUL})
        self._observer = Observer(cluster, store, relist, now, on_duplicate=self._metrics.duplicate)

        def lost() -> None:
            cluster.gate.close("the connection was lost")
            relist.wake()

        self._gateway.on_loss(lost)
        submitting = hints.of({Stage.SUBMITTING}, endings=True)
        cancelling = hints.of({Stage.QUEUED, Stage.RUNNING}, endings=True)
        fetching = hints.of({Stage.ENDED})
        yield f"submit {name}", Submitter(cluster, store, contents.get, submitting, now).run
        yield f"observe {name}", self._observer.run
        yield f"cancel {name}", Canceller(cluster, store, cancelling, now).run
        yield f"fetch {name}", Fetcher(cluster, store, outputs, fetching, now).run
        yield f"sweep {name}", Sweeper(cluster, store, now).run

    def gauge(self) -> None:
        """Brings the cluster's metrics up to date."""
        ready = self._gateway.status.contact is Contact.READY
        self._metrics.site(self._cluster.name, in_contact=ready, listed_at=self._listed_at)

    def view(self) -> ClusterView:
        """The cluster as the API shows it."""
        status, gate = self._gateway.status, self._cluster.gate
        return ClusterView(
            name=self._cluster.name,
            batch=self._entry.batch,
            logins=tuple(f"{login.host}:{login.port}" for login in self._entry.login),
            account=self._entry.account,
            contact=ContactShown(status.contact.value),
            since=status.since,
            problem=status.problem or (self._observer.problem if self._observer else None),
            listed_at=self._listed_at,
            submitting=gate.is_open,
            closed_reason=gate.reason,
        )

    async def close(self) -> None:
        """Ends the link; jobs and commands at the site go on."""
        await self._gateway.close()

    @property
    def _listed_at(self) -> float | None:
        return self._observer.listed_at if self._observer else None


def _dialer(entry: Entry) -> Dialer:
    logins = [Login(n.host, n.port, entry.account, entry.key, entry.known_hosts) for n in entry.login]
    return Dialer([ssh_dial(login, python=entry.python, spool=entry.spool) for login in logins])
