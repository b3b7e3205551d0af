"""Whether clients get as far as the front door's port."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from hosted_ce.front_door.checks.finding import Finding, failed, passed, warned
from hosted_ce.front_door.config import is_forwarded, local_address
from hosted_ce.site import FrontDoor

CONNECT_TIMEOUT_S = 5.0


def check_network(door: FrontDoor) -> Iterator[Finding]:
    """The port here, and the public name."""
    here = local_address(door)
    if why := _refused(here, door.port):
        todo = "start it with `hosted-ce front-door start`"
        yield failed("port", f"nobody answers at {here} port {door.port}: {why}", todo)
        return
    yield passed("port", f"{here} port {door.port} answers")
    yield _check_name(door)


def _check_name(door: FrontDoor) -> Finding:
    try:
        found = socket.getaddrinfo(door.host, door.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        seen, todo = f"{door.host} is no known name here: {error.strerror}", "mend DNS, or front_door.host"
        judge = failed if is_forwarded(door) else warned
        return judge("name", seen, todo)
    addresses = ", ".join(dict.fromkeys(str(each[4][0]) for each in found))
    if why := _refused(door.host, door.port):
        seen = f"{door.host} ({addresses}) port {door.port} does not answer from here: {why}"
        return warned(
            "name", seen, "behind NAT that can be right: try it from outside; else look at the firewall"
        )
    return passed("name", f"{door.host} is {addresses}, and port {door.port} answers there")


def _refused(host: str, port: int) -> str:
    try:
        socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
