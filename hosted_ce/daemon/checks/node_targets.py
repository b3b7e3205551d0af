"""What worker nodes are to reach, as a site file says it, for the script that looks around there."""

from __future__ import annotations

from dataclasses import replace

from hosted_ce.checks.node.targets import NOWHERE, Targets
from hosted_ce.site.reach import Reach


def targets_of(reach: Reach) -> Targets:
    """The OSPool's, with what the site says instead."""
    base = Targets() if reach.outside else NOWHERE
    said = {
        "host": reach.host, "ports": reach.ports, "names": reach.names, "proxy": reach.proxy,
        "squid_url": reach.url, "squid_expect": "" if reach.url else None, "clock_url": reach.clock,
        "repositories": reach.cvmfs,
    }  # fmt: skip
    return replace(base, **{name: value for name, value in said.items() if value is not None})  # type: ignore[arg-type]
