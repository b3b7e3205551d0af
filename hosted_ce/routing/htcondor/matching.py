"""Which route takes a pilot, and why the others do not.

REQUIREMENTS are evaluated with the pilot as MY and nothing as TARGET, so that `TARGET.queue` never matches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hosted_ce.routing.classad import Ad, EvaluationFailed, is_true, spell_value
from hosted_ce.routing.htcondor.candidates import why_not_selected
from hosted_ce.routing.htcondor.routes import Route
from hosted_ce.routing.htcondor.steps import Requirements
from hosted_ce.routing.model import Trial


@dataclass(frozen=True, slots=True)
class Choice:
    """The route that takes a pilot, if any, and the trials in order."""

    route: Route | None
    trials: tuple[Trial, ...]


def has_room(route: Route) -> str | None:
    """Says of every route that it has room."""
    return None


def choose(
    routes: Sequence[Route], constraint: str, ad: Ad, full: Callable[[Route], str | None] = has_room
) -> Choice:
    """The first route in order that takes the pilot and has room. `full` says why a route has none."""
    rooms = {route.name: full(route) for route in routes}
    unseen = why_not_selected(constraint, [route for route in routes if not rooms[route.name]], ad)
    trials: list[Trial] = []
    for route in routes:
        obstacle = why_not(route.program.requirements, ad) or unseen
        room = rooms[route.name]
        trials.append(Trial(route.name, obstacle or room, full=room is not None and not obstacle))
        if not (obstacle or room):
            return Choice(route, tuple(trials))
    return Choice(None, tuple(trials))


def matches(requirements: Requirements | None, ad: Ad) -> bool:
    """Whether a transform or route is for the ad."""
    return requirements is None or is_true(_value(requirements, ad))


def why_not(requirements: Requirements | None, ad: Ad) -> str | None:
    """Why a route is not for the ad, in words; None if it is."""
    if requirements is None or is_true(value := _value(requirements, ad)):
        return None
    return f"`{requirements.text}` is {'not to be evaluated' if value is None else spell_value(value)}"


def _value(requirements: Requirements, ad: Ad) -> Any:
    try:
        return None if requirements.expression is None else ad.evaluate(requirements.expression.tree)
    except EvaluationFailed:
        return None
