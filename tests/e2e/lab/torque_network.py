"""A cable between a login node and a node behind it.

Torque's server knows a node by the address from which it is called. So each of the two has a network of its
own, in which there is one address on loopback, and what is sent to the other one goes through the cable.
"""

from __future__ import annotations

from tests.e2e.lab.daemons import run
from tests.e2e.lab.host import Host


def connect(one: Host, other: Host) -> None:
    """Hosts that were made with all addresses of one network keep their own, and reach each other."""
    run(
        [
            *one.enter,
            "ip",
            "link",
            "add",
            "cable",
            "type",
            "veth",
            "peer",
            "cable",
            "netns",
            f"{other.daemon.pid}",
        ]
    )
    for host in (one, other):
        run([*host.enter, "ip", "link", "set", "cable", "up"])
    for host, peer in ((one, other), (other, one)):
        there = _address(peer)
        run([*host.enter, "ip", "address", "delete", f"{there}/32", "dev", "lo"])
        run([*host.enter, "ip", "route", "add", there, "dev", "cable", "src", _address(host)])


def _address(host: Host) -> str:
    lines = (host.etc / "hosts").read_text().splitlines()
    return next(line.split()[0] for line in lines if line.split()[-1] == host.name)
