"""A pilot's attributes as the ad that routes look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hosted_ce.routing.classad import Ad, AdError
from hosted_ce.routing.htcondor.command import spell_environment

VANILLA = 5
_SCOPES = frozenset({"my", "target"})
OWN = "HostedCE_"
"""Attributes of routed jobs that begin so have what a site file's route says by an expression."""


def pilot_ad(attributes: Mapping[str, Any], account: str | None, environment: Mapping[str, str]) -> Ad:
    """The ad of a pilot, with what its schedd would say as well: its universe, Owner, and environment.

    Attributes that no ClassAd can hold are left out; the front doors take none. So are those that only a
    route sets, and those that would hide what `MY.` and `TARGET.` mean.
    """
    ad = Ad()
    for name, value in attributes.items():
        if name.lower() in _SCOPES or name.lower().startswith(OWN.lower()):
            continue
        try:
            ad[name] = value
        except AdError:
            continue
    ad["JobUniverse"] = VANILLA
    if account is not None:
        ad["Owner"] = account
    if environment:
        ad["Environment"] = spell_environment(environment)
    return ad
