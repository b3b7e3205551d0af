"""What the API is given to work with, and what the daemon tells it about the site."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, cast

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry

from hosted_ce.intake.rest import RestDoor
from hosted_ce.routing.model import Limits, Usage
from hosted_ce.store.contents import ContentStore
from hosted_ce.store.outputs import OutputStore
from hosted_ce.store.pilots import PilotStore
from hosted_ce.store.queries import PilotQueries


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


@dataclass(frozen=True, slots=True)
class RouteView:
    """One route of the site file, its limits, and how much of them is used."""

    name: str
    cluster: str
    when: str | None
    limits: Limits
    usage: Usage


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


@dataclass(frozen=True, slots=True)
class SiteView:
    """The site that this CE serves."""

    name: str
    resource: str
    clusters: tuple[ClusterView, ...]
    routes: tuple[RouteView, ...]
    front_door: FrontDoorView | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of being ready, and what there is to know about it."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the endpoints use. Sizes in bytes."""

    door: RestDoor
    store: PilotStore
    queries: PilotQueries
    contents: ContentStore
    outputs: OutputStore
    token: str = field(repr=False)
    """Who has it may do everything under /api/v1."""
    registry: CollectorRegistry
    readiness: Callable[[], Awaitable[list[Check]]]
    site: Callable[[], SiteView]
    max_input_file: int
    max_request: int
    version: str
    public_status: bool
    """Whether the status pages and /metrics can be read without the token."""
    now: Callable[[], float] = time.time
    """Seconds since the epoch."""


async def services_of(request: Request) -> Services:
    """The services of the application that has this request."""
    return cast(Services, request.app.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]
"""Annotate an endpoint's parameter with it to get the services."""
