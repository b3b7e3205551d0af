"""What is to be said of the HTCondor-CE files that a site file names: the lint of both together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hosted_ce.daemon.site_file.routes import RoutesUnusable, htcondor_config, table_of
from hosted_ce.routing.htcondor.config import Config
from hosted_ce.routing.htcondor.lint.rules import check_config
from hosted_ce.routing.htcondor.place import Finding, Place
from hosted_ce.routing.htcondor.router import load_router
from hosted_ce.routing.htcondor.routes import GRID
from hosted_ce.site import HtcondorRoutes, SiteFile
from hosted_ce.site import Route as Entry

GRID_TYPES = {"slurm": {"slurm"}, "pbs": {"pbs"}, "sge": {"sge"}, "lsf": {"lsf"}, "htcondor": {"condor"}}
"""Batch systems of site files, as the first words of GridResource call them."""


def route_findings(site: SiteFile, path: Path) -> list[Finding]:
    """All findings in the files of `htcondor:` entries, in the order of the site file, each once."""
    found: dict[Finding, None] = {}
    for entry in site.routes:
        if entry.htcondor is not None:
            found |= dict.fromkeys(_of_entry(site, entry, entry.htcondor, path))
    if not any(finding.severity == "error" for finding in found):
        found |= dict.fromkeys(_of_the_whole(site, path))
    return list(found)


def _of_entry(site: SiteFile, entry: Entry, written: HtcondorRoutes, path: Path) -> Iterator[Finding]:
    whole = Place(str(path), 0)
    try:
        config = htcondor_config(written, path.parent, {})
    except RoutesUnusable as error:
        yield Finding(whole, "error", "route", str(error))
        return
    own = {str(path.parent / file) for file in written.files}
    yield from (finding for finding in check_config(config) if finding.place.file in own)
    yield from _targets(site, entry, written, config, whole)


def _targets(
    site: SiteFile, entry: Entry, written: HtcondorRoutes, config: Config, whole: Place
) -> Iterator[Finding]:
    """Routes that go to a cluster with another batch system than they say, and clusters of no route."""
    router = load_router(config).router
    routes = router.routes if router else ()
    for name in sorted(set(written.clusters) - {route.name for route in routes}):
        message = f"route {entry.name}: htcondor.clusters names the route {name}, which the files do not have"
        yield Finding(whole, "error", "no-route", message)
    for route in routes:
        cluster = written.clusters.get(route.name) or site.cluster_name_of(entry)
        batch = site.clusters[cluster].batch
        said = route.grid_resource.split()
        kind = "condor" if route.universe != GRID else said[1] if len(said) > 1 else ""
        if kind and kind.lower() not in GRID_TYPES[batch]:
            message = (
                f"route {route.name} is for {kind} (GridResource), and its pilots go to cluster {cluster}, "
                f"which has {batch}"
            )
            yield Finding(route.program.place, "warning", "grid-resource-cluster", message)


def _of_the_whole(site: SiteFile, path: Path) -> Iterator[Finding]:
    try:
        table_of(site, path.parent)
    except RoutesUnusable as error:
        yield Finding(Place(str(path), 0), "error", "route", str(error))
