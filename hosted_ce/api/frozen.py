"""While a site is away its pilots are frozen: what is known of them is old, and they say so."""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.api.times import rfc3339
from hosted_ce.api.views import ClusterView, Contact, SiteView
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import AT_SITE, Stage

FROZEN_AT = AT_SITE | {Stage.ENDED}
AWAY = frozenset({Contact.DOWN, Contact.REFUSED})


def reason_of(pilot: Pilot, site: Callable[[], SiteView]) -> str | None:
    """The pilot's reason; with what is in the way and since when, if its site is away.

    The site is asked for where that can be: a view of it takes longer than all else of a pilot that has come.
    """
    cluster = _away(pilot, site)
    if cluster is None or cluster.since is None:
        return pilot.reason
    since = rfc3339(cluster.since)
    frozen = f"frozen since {since}, no contact with {cluster.name}: {cluster.problem or 'not yet known why'}"
    return f"{pilot.reason}; {frozen}" if pilot.reason else frozen


def _away(pilot: Pilot, site: Callable[[], SiteView]) -> ClusterView | None:
    if pilot.attempt is None or pilot.stage not in FROZEN_AT:
        return None
    name = pilot.attempt.cluster
    found = next((cluster for cluster in site().clusters if cluster.name == name), None)
    return found if found and found.contact in AWAY else None
