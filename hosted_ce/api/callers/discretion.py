"""What a viewer is not shown of a pilot: arguments and environment, in which secrets may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from hosted_ce.access.roles import Role
from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.schemas.pilots import AttemptOut, PilotDetail, PilotOut
from hosted_ce.redaction import MASK, names_secret

P = TypeVar("P", bound=PilotOut)
_VARIABLES = frozenset({"environment", "base_environment"})
_ATTRIBUTES = frozenset({"environment", "env", "arguments", "args"})


def shown_to(caller: Caller, pilot: P) -> P:
    """The pilot as the caller sees it: everything from operators on, and who brought it; for viewers values
    that may be secret are masked, and the names of variables stay."""
    if caller.role.covers(Role.OPERATOR) or caller.scopes is not None:
        return pilot
    changes: dict[str, Any] = {"attributes": masked(pilot.attributes)}
    if isinstance(pilot, PilotDetail):
        changes |= {
            "arguments": [MASK for _ in pilot.arguments],
            "environment": dict.fromkeys(pilot.environment, MASK),
            "attempt": pilot.attempt and _attempt(pilot.attempt),
            "attempts": [_attempt(attempt) for attempt in pilot.attempts],
        }
    return pilot.model_copy(update=changes)


def masked(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A pilot's attributes as viewers see them, and everybody on pages."""
    return {
        name: MASK if name.lower() in _ATTRIBUTES or names_secret(name) else value
        for name, value in attributes.items()
    }


def _attempt(attempt: AttemptOut) -> AttemptOut:
    request = {
        name: dict.fromkeys(value, MASK) if name in _VARIABLES and isinstance(value, Mapping) else value
        for name, value in attempt.request.items()
    }
    return attempt.model_copy(update={"request": request})
