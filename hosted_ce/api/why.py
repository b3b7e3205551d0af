"""Gathers what is known of a pilot's whereabouts, for hosted_ce.why to explain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hosted_ce.api.ports.explaining import Explanation, TrialOutcome, Whose
from hosted_ce.api.ports.ramps import RampView
from hosted_ce.api.services import Services
from hosted_ce.api.views import ClusterView, Contact, SiteView
from hosted_ce.pilots.pilot import Event, Pilot
from hosted_ce.pilots.states import Stage
from hosted_ce.store.queries import EventRow
from hosted_ce.why.answer import Answer
from hosted_ce.why.facts import Condition, Facts, Happening, Outlook, Place, Ramp, Refusal
from hosted_ce.why.judge import why

_AWAY = {
    Contact.DOWN: Condition.DOWN,
    Contact.REFUSED: Condition.AUTH_REFUSED,
    Contact.NOT_YET: Condition.CONNECTING,
}
"""The cluster's one word can be that it is paused, which does not tell whether it can be asked."""


async def answer_for(services: Services, pilot: Pilot, history: Sequence[EventRow]) -> Answer:
    """Where the pilot is, and why. The routes are asked about one that waits."""
    return why(await known_of(services, pilot, history))


async def known_of(services: Services, pilot: Pilot, history: Sequence[EventRow]) -> Facts:
    """What is known of it now. The routes are asked about one that waits."""
    site = services.site()
    waits = pilot.stage is Stage.WAITING
    explanation = await services.explainer.of_pilot(pilot) if waits else None
    facts = facts_of(pilot, history, site, explanation, services.now())
    if facts.outlook and explanation:
        ramp = _ramp(explanation, services.ramps.views())
        facts = replace(facts, outlook=replace(facts.outlook, ramp=ramp))
    return facts


def facts_of(
    pilot: Pilot, history: Sequence[EventRow], site: SiteView, explanation: Explanation | None, now: float
) -> Facts:
    """What is known, as hosted_ce.why wants it."""
    route = explanation.route if explanation else pilot.attempt.route if pilot.attempt else None
    return Facts(
        now=now,
        pilot=pilot,
        events=tuple(Happening(row.at, Event(row.what, row.actor, row.reason, row.data)) for row in history),
        place=_place(pilot.attempt.cluster, site) if pilot.attempt else None,
        outlook=_outlook(explanation) if explanation else None,
        refusal=_refusal(route, site),
        no_route_hold_s=site.front_door.no_route_hold_s if site.front_door else None,
    )


def _place(name: str, site: SiteView) -> Place:
    found = next((cluster for cluster in site.clusters if cluster.name == name), None)
    return Place(name, Condition.GONE) if found is None else _served(found)


def _served(cluster: ClusterView) -> Place:
    patience, away = cluster.patience, _AWAY.get(cluster.contact)
    return Place(
        name=cluster.name,
        condition=away or Condition(cluster.state),
        since=cluster.since if away else cluster.state_since,
        said=cluster.problem if away else cluster.state_reason or cluster.problem,
        closed=None if cluster.submitting else cluster.closed_reason or "it has not said why",
        poll_s=patience.poll_s,
        cancel_grace_s=patience.cancel_grace_s,
        doubt_deadline_s=patience.doubt_deadline_s,
        missing_grace_s=patience.missing_grace_s,
    )


def _outlook(explanation: Explanation) -> Outlook:
    full = (trial for trial in explanation.trials if trial.outcome is TrialOutcome.FULL)
    waited_for = next((trial for trial in full if trial.route == explanation.waits_for), None)
    obstacle = waited_for.obstacle if waited_for else None
    return Outlook(explanation.route, explanation.waits_for, obstacle, reason=explanation.reason)


def _ramp(explanation: Explanation, ramps: Iterable[RampView]) -> Ramp | None:
    """The ramp that is in the way on the route that is waited for, if one is: routing asks it first."""
    route = explanation.waits_for
    limits = (limit for trial in explanation.trials if trial.route == route for limit in trial.limits)
    ramp = next((limit for limit in limits if limit.whose is Whose.RAMP), None)
    view = next((each for each in ramps if each.route == route), None)
    if view is None or ramp is None or ramp.caps.pilots is None or ramp.usage.pilots < ramp.caps.pilots:
        return None
    return Ramp(view.state.cap, view.rules.target, view.outlook.next_cap, view.outlook.said)


def _refusal(route: str | None, site: SiteView) -> Refusal | None:
    found = next((each for each in site.routes if each.name == route), None)
    if found is None or found.refused is None:
        return None
    return Refusal(found.name, found.refused.said, found.refused.since, found.refused.until)
