"""What the API is given to explain where pilots go; hosted_ce.daemon.explaining has the one in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.routing.limits import Caps, Usage


class TrialOutcome(StrEnum):
    """What became of a route."""

    TAKEN = "taken"
    FULL = "full"
    """It would take the pilot had it room."""
    NO = "no"
    """It does not match the pilot."""
    FAILED = "failed"
    """It matches the pilot, and cannot make a job of it."""
    NOT_TRIED = "not_tried"
    """A route before it takes the pilot, or makes it wait."""


class Whose(StrEnum):
    """Whose pilots a limit counts."""

    RAMP = "ramp"
    """Those of the route but for test pilots and checks, as its ramp admits them."""
    ROUTE = "route"
    VO = "vo"
    """Those of the pilot's VO on the route."""
    CLUSTER = "cluster"
    """All pilots at the route's cluster."""


@dataclass(frozen=True, slots=True)
class LimitsView:
    """Limits that are in force now, and how much of them is used. `submits` are those a minute."""

    whose: Whose
    name: str
    caps: Caps
    submits: int | None
    usage: Usage


@dataclass(frozen=True, slots=True)
class TrialView:
    """One route, in the order in which they are tried, and why it does not take the pilot."""

    route: str
    language: str
    cluster: str
    when: str | None
    outcome: TrialOutcome
    obstacle: str | None
    limits: tuple[LimitsView, ...] = ()
    """Of routes that were tried."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A batch job, as it is submitted: `argv` runs in `folder`, where the script is."""

    route: str
    cluster: str
    attempt: int | None
    """The number of the pilot's attempt that it is of; None: of one that was not begun."""
    stamp: str
    """Of an attempt that was not begun: one that no pilot has."""
    ask: Mapping[str, Any]
    folder: str
    argv: tuple[str, ...]
    script: bytes
    directives: tuple[str, ...]
    """The lines for the batch system: nothing of a pilot's arguments or environment is in them."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a pilot would go now, and why; and the batch job that it has, or would get."""

    pilot_id: int | None
    account: str | None
    vo: str
    route: str | None
    """The route that takes it now; None: none does."""
    waits_for: str | None
    """The route that will take it when there is room; None: it waits for none."""
    cluster: str | None
    """Of either route."""
    reason: str
    unroutable: bool
    """Whether no route would take it even if all had room."""
    trials: tuple[TrialView, ...]
    kept_back: tuple[str, ...]
    """What else is in the way of a submission now: a refused route, a paused cluster, a hold."""
    notes: tuple[str, ...]
    """Steps of the route that were passed over for this pilot, with their places."""
    ad: Mapping[str, str]
    """The routed job's attributes as HTCondor prints them, by name; empty without a route."""
    job: JobView | None

    @property
    def routable(self) -> bool:
        """Whether a route takes it, or will when there is room."""
        return self.route is not None or self.waits_for is not None


class NotAnAd(ValueError):
    """A text is no ad; the message says which line, and what is wrong."""


@dataclass(frozen=True, slots=True)
class AdReading:
    """What routes look at in an ad, and the names of its other attributes."""

    attributes: Mapping[str, bool | int | float | str]
    left_out: tuple[str, ...]


class Explainer(Protocol):
    """Explains pilots. Never fails over what a pilot says."""

    async def of_pilot(self, pilot: Pilot) -> Explanation:
        """Of a pilot of this CE."""

    async def of_spec(self, spec: PilotSpec, account: str | None) -> Explanation:
        """Of a pilot that might come. `account` is what its submitter would be mapped to; None: any."""

    def read_ad(self, text: str) -> AdReading:
        """An ad as `condor_q -l` prints it, of which the front door's rules take a part. Raises NotAnAd."""
