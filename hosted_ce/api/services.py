"""What the API is given to work with."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from hosted_ce.access.book import TokenBook
from hosted_ce.api.callers.rates import Rates
from hosted_ce.api.in_turn import InTurn
from hosted_ce.api.ports.checks import SiteChecks
from hosted_ce.api.ports.digests import Digests
from hosted_ce.api.ports.explaining import Explainer
from hosted_ce.api.ports.issuers import IssuerTokens, NoIssuers
from hosted_ce.api.ports.nodes import SiteNodes
from hosted_ce.api.ports.operations import Operations
from hosted_ce.api.ports.ramps import Ramps
from hosted_ce.api.ports.sessions import SessionKeeper
from hosted_ce.api.ports.site_files import SiteFiles
from hosted_ce.api.ports.test_pilots import TestPilots
from hosted_ce.api.ports.verifier import Verifier
from hosted_ce.api.streams.bell import Bell
from hosted_ce.api.streams.events import Pace
from hosted_ce.api.undisturbed import Undisturbed
from hosted_ce.api.views import Check, ProbedView, SiteView
from hosted_ce.audit.log import Auditor, NoAudit
from hosted_ce.intake.rest import RestDoor
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.contributions import Contributions
from hosted_ce.store.entries import EntryQueries
from hosted_ce.store.event_log import EventLog
from hosted_ce.store.incidents import IncidentStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries
from hosted_ce.store.rollups import Rollups


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
