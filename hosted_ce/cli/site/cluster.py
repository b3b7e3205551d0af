"""One cluster of a site file that the command line names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hosted_ce.cli.errors import Misuse, SiteFileRefused
from hosted_ce.cli.site.problems import problem_line

if TYPE_CHECKING:
    from hosted_ce.site.cluster import Cluster


def cluster_in(file: Path, name: str | None) -> Cluster:
    """The cluster of this name, or the only one. Raises Misuse and SiteFileRefused."""
    clusters = clusters_in(file)
    if name not in clusters and (name is not None or len(clusters) > 1):
        raise Misuse(f"--cluster is one of: {', '.join(clusters)}")
    return clusters[name or next(iter(clusters))]


def clusters_in(file: Path) -> Mapping[str, Cluster]:
    """All clusters by name. Raises SiteFileRefused."""
    from hosted_ce.site import SiteFileError, load_site

    try:
        return load_site(file).clusters
    except SiteFileError as error:
        raise SiteFileRefused([problem_line(error.file, problem) for problem in error.problems]) from error
