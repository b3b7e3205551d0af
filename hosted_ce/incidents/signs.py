"""What is wrong at a place at this moment, from what the engine sees anyway: the first that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hosted_ce.incidents.cause import Cause
from hosted_ce.incidents.incident import FRONT_DOOR
from hosted_ce.pilots.end_classes import NODES_FAULT, EndClass

ROW = 3
"""Refusals of a route in a row: a single pilot that can never run there is no outage."""
MANY = 5
"""Ends within the window: fewer are chance."""
CLOSED = re.compile(
    r"Partition(?:Down|Inactive)|ReqNodeNotAvail|Nodes.required.for.job.are.DOWN"
    r"|[Qq]ueue (?:is )?not (?:started|enabled|active)|[Qq]ueue (?:is )?(?:closed|inactive)"
)
"""What batch systems say of jobs that wait for a queue or for nodes that are out of service."""
_CONTACT = {
    "HostKeyRefused": Cause.HOST_KEY_CHANGED, "LoginRefused": Cause.KEY_REFUSED,
    "KeyUnusable": Cause.KEY_REFUSED,
    "AgentUnusable": Cause.AGENT_UNUSABLE, "OtherSpool": Cause.AGENT_UNUSABLE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sign:
    """`cause` is None while the place is well."""

    place: str
    cause: Cause | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class RefusedRoute:
    """The site takes no pilots of a route. `limit`: since it has as many as it wants, which is no outage."""

    route: str
    limit: bool
    times: int
    said: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pilots of one route in the site's queue, and why they wait."""

    route: str
    reason: str | None
    pilots: int


@dataclass(frozen=True, slots=True)
class ClusterSeen:
    """One cluster as the engine sees it. `error` is the class of the last failure to get into contact."""

    name: str
    in_contact: bool | None
    """None: it was not tried since the start."""
    error: str | None = None
    problem: str | None = None
    """What is wrong with the contact, or with the listing of the queue."""
    listed: bool = True
    """Whether the queue was listed since the start."""
    refused: Sequence[RefusedRoute] = ()
    waiting: Sequence[Waiting] = ()
    squid: str | None = None
    """By what the web proxy is known not to fetch; None: it is not known to be dead."""
    ends: Sequence[EndClass] = ()
    """Of the pilots that ended of late."""


def sign_of(seen: ClusterSeen) -> Sign | None:
    """None: nothing is known of it now, which is neither good nor bad."""
    if seen.in_contact is None or (seen.in_contact and not seen.listed and seen.problem is None):
        return None
    cause, said = next(_wrong(seen), (None, ""))
    return Sign(seen.name, cause, said)


def sign_of_door(in_contact: bool | None, problem: str | None) -> Sign | None:
    """Of the factory's door."""
    if in_contact is None:
        return None
    return Sign(FRONT_DOOR, None if in_contact else Cause.DOOR_DOWN, problem or "the schedd does not answer")


def _wrong(seen: ClusterSeen) -> Iterator[tuple[Cause, str]]:
    if not seen.in_contact:
        yield _CONTACT.get(seen.error or "", Cause.LOGIN_UNREACHABLE), seen.problem or "no contact"
        return
    if seen.problem:
        yield Cause.BATCH_DOWN, seen.problem
    for one in seen.refused:
        if not one.limit and one.times >= ROW:
            yield Cause.SUBMISSIONS_REFUSED, f"route {one.route}: {one.said}"
    yield from _closed(seen.waiting)
    if seen.squid:
        yield Cause.SQUID_DEAD, seen.squid
    if len(seen.ends) >= MANY and all(end in NODES_FAULT for end in seen.ends):
        kinds = ", ".join(sorted({end.value for end in seen.ends}))
        yield Cause.PILOTS_FAIL, f"all {len(seen.ends)} pilots that ended of late: {kinds}"


def _closed(waiting: Sequence[Waiting]) -> Iterator[tuple[Cause, str]]:
    """A route all of whose pilots wait for what is out of service."""
    for route in dict.fromkeys(one.route for one in waiting):
        own = [one for one in waiting if one.route == route]
        if all(CLOSED.search(one.reason or "") for one in own):
            yield Cause.QUEUE_DOWN, f"route {route}: {own[0].reason}"
