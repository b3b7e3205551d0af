"""Pilots that share job arrays, where a batch system counts requests."""

from __future__ import annotations

from pydantic import Field

from hosted_ce.site.fields import SiteModel

MOST = 200


class Arrays(SiteModel):
    """Pilots of one route that ask for the same are submitted with one command, as tasks of one job array."""

    most: int = Field(
        default=100,
        ge=2,
        le=MOST,
        description=f"How many pilots share an array, at most, 2 to {MOST}. No more than MaxArraySize of "
        "slurm.conf.",
    )
