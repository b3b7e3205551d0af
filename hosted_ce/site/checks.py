"""How often the site is checked without anybody's asking."""

from __future__ import annotations

from pydantic import Field

from hosted_ce.site.fields import CheckEvery, SiteModel, duration_field


class Checks(SiteModel):
    """The login node and the batch system of every cluster, and some worker nodes by small jobs."""

    every: CheckEvery = duration_field("7d", "How often, 1h to 90d.")
    nodes: int = Field(
        default=3,
        ge=0,
        le=20,
        description="How many worker nodes are looked at for each route, 0 to 20: those that were not looked "
        "at for the longest. 0: none, so that no jobs are submitted.",
    )
