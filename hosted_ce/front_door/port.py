"""Whether the front door's port can be had."""

from __future__ import annotations

import errno
import socket

from hosted_ce.front_door.errors import MasterTrouble
from hosted_ce.site import FrontDoor


def check_port(door: FrontDoor) -> None:
    """Raises MasterTrouble if the port cannot be had."""
    address, port = door.bind or "0.0.0.0", door.port  # noqa: S104 - a site file without bind
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise MasterTrouble(_port_trouble(error, address, port)) from error


def _port_trouble(error: OSError, address: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} is taken by another program; `ss -ltnp sport = :{port}` shows which"
        case errno.EACCES:
            return f"port {port} is for root only; take one above 1023, such as 9619"
        case errno.EADDRNOTAVAIL:
            return f"{address} is no address of this machine; mend front_door.bind in the site file"
        case _:
            return f"port {port} of {address} cannot be had: {error.strerror}"
