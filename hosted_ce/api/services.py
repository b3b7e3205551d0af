"""What the API is given to work with, and what the daemon tells it about the site."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from prometheus_client import CollectorRegistry

from hosted_ce.access.book import TokenBook
from hosted_ce.api.digests import Digests
from hosted_ce.api.explaining import Explainer
from hosted_ce.api.in_turn import InTurn
from hosted_ce.api.issuers import IssuerTokens, NoIssuers
from hosted_ce.api.ramping import Ramps
from hosted_ce.api.rates import Rates
from hosted_ce.api.sessions.keeper import SessionKeeper
from hosted_ce.api.site_files import SiteFiles, SiteFileView
from hosted_ce.api.streams.bell import Bell
from hosted_ce.api.streams.events import Pace
from hosted_ce.api.undisturbed import Undisturbed
from hosted_ce.api.verifier import Verifier
from hosted_ce.audit.log import Auditor, NoAudit
from hosted_ce.capabilities.finding import Finding
from hosted_ce.checks.run import Asked, Run
from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health
from hosted_ce.health.pressure import Activity
from hosted_ce.intake.rest import RestDoor
from hosted_ce.pilots.avoidance import Avoidance
from hosted_ce.pilots.nodes import Node
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.routing.limits import Admission, Caps, Usage, fullness, ramped
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.contributions import Contributions
from hosted_ce.store.entries import EntryQueries
from hosted_ce.store.event_log import EventLog
from hosted_ce.store.incidents import IncidentStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.rollups import Rollups
from hosted_ce.test_pilots.errand import Errand


class Contact(StrEnum):
    """Whether we can talk to a cluster's login node."""

    NOT_YET = "not_yet"
    """It was not tried since the start."""
    READY = "ready"
    DOWN = "down"
    """It cannot be reached now; tried again."""
    REFUSED = "refused"
    """It refuses us (key, host key, account): somebody has to do something."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a cluster is looked at, and how long things there may take. Seconds."""

    poll_s: float = 30.0
    cancel_grace_s: float = 120.0
    doubt_deadline_s: float = 3600.0
    missing_grace_s: float = 120.0


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One cluster as it stands. Times in seconds since the epoch (UTC)."""

    name: str
    batch: str
    logins: tuple[str, ...]
    account: str
    contact: Contact
    since: float | None
    """Since when the contact is what it is."""
    problem: str | None
    """What went wrong last, and what to do; None while the contact is ready."""
    listed_at: float | None
    """When our jobs there were listed last, completely."""
    submitting: bool
    closed_reason: str | None
    """Why nothing is submitted; None while `submitting`."""
    state: str = "ready"
    """How it is doing in one word: paused, auth_refused, down, connecting, degraded, ready."""
    state_since: float | None = None
    state_reason: str | None = None
    window: int = 1
    """How many submits may be under way there now."""
    overdue: int = 0
    """Pilots that have been in doubt for too long: an operator is to look."""
    probed_at: float | None = None
    """When the site was asked what it is; None: never yet."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with what it said, problems first."""
    patience: Patience = Patience()


@dataclass(frozen=True, slots=True)
class ProbedView:
    """What the last probe of a cluster found."""

    taken_at: float
    """Seconds since the epoch (UTC)."""
    findings: tuple[Finding, ...]
    """What follows from it for the site file in force, problems first."""
    found: Mapping[str, Any]
    """As hosted_ce.capabilities.record writes it down."""


@dataclass(frozen=True, slots=True)
class RefusedView:
    """That the site refused the last pilot of a route. Times in seconds since the epoch."""

    kind: str
    """limit, permanent, or transient."""
    said: str
    since: float
    until: float
    """When the next one is tried."""
    times: int


@dataclass(frozen=True, slots=True)
class RouteView:
    """One route of the site file, its limits, and how much of them is used."""

    name: str
    cluster: str
    when: str | None
    limits: Caps
    usage: Usage
    refused: RefusedView | None = None
    ramp: Admission | None = None
    """How far its ramp is; None: it has none."""

    @property
    def full(self) -> str | None:
        """Why there is no room for one more pilot of one core; None: there is room."""
        return ramped(self.ramp, self.usage) or fullness(self.limits, self.usage, "its", cores=1)


@dataclass(frozen=True, slots=True)
class FrontDoorView:
    """The factory's door. Times in seconds since the epoch (UTC)."""

    address: str
    """Where factories send pilots, host:port."""
    in_contact: bool | None
    """Whether the schedd answers; None before it was asked."""
    since: float | None
    problem: str | None
    """What is wrong, and what to do; jobs may wait for it although the schedd answers."""
    looked_at: float | None
    jobs: int
    """Jobs of ours in its queue."""
    no_route_hold_s: float = 1800.0
    """A pilot that no route takes is held after this long."""


@dataclass(frozen=True, slots=True)
class SiteView:
    """The site that this CE serves."""

    name: str
    resource: str
    clusters: tuple[ClusterView, ...]
    routes: tuple[RouteView, ...]
    front_door: FrontDoorView | None = None
    file: SiteFileView | None = None
    """Where it is written; None where it is from no file."""
    health: Health | None = None
    """In one word, with its reasons; None before the first look."""
    activity: Activity | None = None
    expiries: tuple[Expiry, ...] = ()
    resource_group: str | None = None


class UnknownCluster(Exception):
    """The site file has no cluster of this name."""

    def __init__(self, name: str, known: Sequence[str]):
        super().__init__(f"there is no cluster {name!r}; there are: {', '.join(known)}")


class CannotProbe(Exception):
    """The site cannot be asked now; the text says why."""


class Operations(Protocol):
    """What an operator may settle by hand; hosted_ce.daemon.operations is the one in use."""

    async def adopt(
        self, pilot_id: int, batch_id: str, *, actor: str, reason: str | None, force: bool
    ) -> Pilot:
        """This batch job is the pilot's. Raises CannotSettle."""

    async def abandon(self, pilot_id: int, *, actor: str, reason: str | None, force: bool) -> Pilot:
        """The pilot's attempt has no batch job. Raises CannotSettle."""

    async def pause(self, cluster: str, *, actor: str, reason: str | None) -> None:
        """Nothing is submitted there. Raises UnknownCluster."""

    async def resume(self, cluster: str) -> None:
        """Ends a pause, and those after failures. Raises UnknownCluster."""

    async def accept_spool(self, cluster: str, *, actor: str) -> None:
        """The spool that is there now is ours. Raises UnknownCluster."""

    async def probe(self, cluster: str) -> None:
        """Asks the site what it is, now. Raises UnknownCluster, CannotProbe."""


class CannotTest(Exception):
    """No such test can be sent; the text says why."""


class TestPilots(Protocol):
    """Test pilots and checks of nodes; hosted_ce.daemon.test_pilots is the one in use."""

    async def submit(self, errand: Errand, *, owner: str, key: str | None = None) -> tuple[Pilot, bool]:
        """Sends one; returns its pilot, and whether it is new. Raises CannotTest, KeyReused."""


class SiteNodes(Protocol):
    """The site's nodes; hosted_ce.daemon.nodes is the one in use. Times in seconds since the epoch."""

    def all(self) -> Sequence[Node]:
        """How pilots end on each node; the worst first."""

    def avoidances(self) -> Sequence[Avoidance]:
        """Which get no pilots now."""

    async def latest(self, limit: int) -> Sequence[Avoidance]:
        """Which got none in the last months, the newest first."""

    async def avoid(
        self, cluster: str, node: str, *, seconds: float, actor: str, reason: str | None, force: bool
    ) -> Avoidance:
        """Sends no pilot there for so long. Raises UnknownCluster, CannotAvoid."""

    async def allow(self, cluster: str, node: str, *, actor: str) -> Avoidance:
        """Ends that; returns what was ended. Raises UnknownCluster, NotAvoided."""


class SiteChecks(Protocol):
    """Runs of checks over the site; hosted_ce.daemon.checks.runs is the one in use."""

    async def begin(self, cluster: str, asked: Asked, *, actor: str) -> tuple[Run, bool]:
        """Begins a run, and says whether it is new: one that goes on there already is given instead.

        Raises UnknownCluster.
        """

    async def get(self, run_id: int) -> Run | None:
        """One with its results, also while it goes on; None: it is not known."""

    async def latest(self, limit: int, cluster: str | None = None) -> Sequence[Run]:
        """The newest ones, without their results."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of being well, and what there is to know about it.

    The CE is ready when all that is `essential` is well.
    """

    name: str
    ok: bool
    detail: str
    essential: bool = True


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the endpoints use. Sizes in bytes."""

    door: RestDoor
    operations: Operations
    explainer: Explainer
    site_files: SiteFiles
    store: PilotStore
    queries: PilotQueries
    entries: EntryQueries
    event_log: EventLog
    rollups: Rollups
    contributions: Contributions
    incidents: IncidentStore
    digests: Digests
    verifier: Verifier
    bell: Bell
    contents: ContentStore
    outputs: OutputStore
    token: str = field(repr=False)
    """Who has it may do everything: it is the one of the state folder."""
    tokens: TokenBook
    """The named ones."""
    registry: CollectorRegistry
    nodes: SiteNodes
    ramps: Ramps
    sessions: SessionKeeper
    checks: SiteChecks
    test_pilots: TestPilots
    readiness: Callable[[], Awaitable[list[Check]]]
    site: Callable[[], SiteView]
    max_input_file: int
    max_request: int
    max_batch: int
    """Most pilots of one request."""
    version: str
    public_status: bool
    """Whether the status pages can be read without a token."""
    rates: Rates = field(default_factory=Rates)
    """Who has to come later."""
    in_turn: InTurn = field(default_factory=InTurn)
    """Reads and answers requests of many pilots, which take up to a second of a thread."""
    undisturbed: Undisturbed = field(default_factory=Undisturbed)
    """Keeps the garbage collector off meanwhile."""
    audit: Auditor = field(default_factory=NoAudit)
    """Takes decisions down."""
    audit_reads: bool = False
    """Whether reading is taken down as well."""
    proxies: bool = False
    """Whether there are proxies whose word is taken for who asks."""
    public_metrics: bool | None = None
    """Whether /metrics can; None: as the status pages."""
    public_url: str = "http://127.0.0.1:8080"
    """Under which address people reach the CE, without a slash at the end."""
    probed: Callable[[str], ProbedView | None] = lambda cluster: None
    """What the last probe of a cluster found, by its name; None: it was not probed yet."""
    now: Callable[[], float] = time.time
    """Seconds since the epoch."""
    pace: Pace = field(default_factory=Pace)
    """How streams of events go."""
    issuers: IssuerTokens = field(default_factory=NoIssuers)
    """Knows the tokens of the site file's issuers."""

    @property
    def metrics_are_public(self) -> bool:
        """Whether /metrics can be read without a token."""
        return self.public_status if self.public_metrics is None else self.public_metrics
