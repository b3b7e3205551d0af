"""Explains pilots by a site file alone, without a CE: as of an empty site that takes everything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bosco.batch.model import BatchRequest
from bosco.gateway import Rendered
from hosted_ce.api.ports.explaining import Explanation
from hosted_ce.daemon.cluster import ClusterPart
from hosted_ce.daemon.explaining.explainer import Explainer
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.engine.cluster import Cluster
from hosted_ce.metrics import Metrics
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.routing.occupancy import Occupancy
from hosted_ce.settings import Settings
from hosted_ce.site import load_site


class _NotAsked:
    """A cluster that nobody is in contact with: nothing is known of it that would keep a pilot back."""

    def __init__(self, part: ClusterPart):
        self._part = part

    @property
    def cluster(self) -> Cluster:
        return self._part.cluster

    def rendered(self, request: BatchRequest) -> Rendered:
        return self._part.rendered(request)

    def kept_back(self, route: str) -> Iterator[str]:
        return iter(())


async def explain_by_file(file: Path, spec: PilotSpec, account: str | None) -> Explanation:
    """Where the site file would have such a pilot go.

    Raises hosted_ce.site.SiteFileError, hosted_ce.daemon.site_file.routes.RoutesUnusable.
    """
    site = load_site(file)
    table, settings, metrics = table_of(site, file.parent), Settings(), Metrics(lambda: {})
    places = {
        name: _NotAsked(ClusterPart(name, entry, settings, metrics, time.time))
        for name, entry in site.clusters.items()
    }
    return await Explainer(lambda: table, places, _nobody, time.time).of_spec(spec, account)


async def _nobody() -> Occupancy:
    return Occupancy()
