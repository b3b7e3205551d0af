"""The site as the daemon shows it to the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hosted_ce.api.ports.site_files import SiteFileView
from hosted_ce.capabilities.finding import Finding
from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health
from hosted_ce.health.pressure import Activity
from hosted_ce.routing.limits import Admission, Caps, Usage, fullness, ramped


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


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of being well, and what there is to know about it.

    The CE is ready when all that is `essential` is well.
    """

    name: str
    ok: bool
    detail: str
    essential: bool = True
