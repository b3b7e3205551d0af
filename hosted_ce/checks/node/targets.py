"""What a worker node is to reach, and to have mounted."""

from __future__ import annotations

from dataclasses import dataclass

PORTS = (80, 1094, 2880, 8000, 8443, 27017)
"""Those that the OSPool's own test of its execution points goes by."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The OSPool's, unless a site says otherwise. An empty text or tuple: that is not looked at."""

    host: str = "ospool-network-test.osg.chtc.io"
    """It answers on `ports`."""
    ports: tuple[int, ...] = PORTS
    names: tuple[str, ...] = ("osg-htc.org", "cm-1.ospool.osg-htc.org")
    """To be resolved."""
    squid_url: str = (
        "http://oasis-replica.opensciencegrid.org:8000/cvmfs/oasis.opensciencegrid.org/.cvmfspublished"
    )
    """To be fetched through the web proxy."""
    squid_expect: str = "Noasis.opensciencegrid.org"
    """A text that is in it."""
    proxy: str = ""
    """The web proxy, host:port or URL; empty: the one that the job's environment or CVMFS has."""
    clock_url: str = "http://osg-htc.org/"
    """A web server whose clock is right."""
    repositories: tuple[str, ...] = ("oasis.opensciencegrid.org", "singularity.opensciencegrid.org")
    """Of CVMFS."""


NOWHERE = Targets(host="", ports=(), names=(), squid_url="", squid_expect="", clock_url="", repositories=())
"""For sites whose nodes reach nothing outside: only the node itself is looked at."""
