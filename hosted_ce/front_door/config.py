"""HTCondor's configuration of the front door, made from the site file. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hosted_ce.front_door import values
from hosted_ce.front_door.ads import attributes
from hosted_ce.front_door.layout import Layout
from hosted_ce.front_door.names import BANNED, DOMAIN
from hosted_ce.front_door.programs import Programs
from hosted_ce.intake.condor.attributes import OURS_TO_SAY, PROTECTED
from hosted_ce.site import FrontDoor, SiteFile

if TYPE_CHECKING:
    import jinja2

TEMPLATE = "condor_config.j2"
_PACKAGE = Path(__file__).resolve().parents[1]
_FOLDERS = (_PACKAGE / "_shipped" / "condor", _PACKAGE.parent / "deploy" / "condor")
"""In an installed package, and in a checkout."""
_TEXT = next(folder for folder in _FOLDERS if folder.is_dir()).joinpath(TEMPLATE).read_text(encoding="utf-8")
"""As of when this was imported: what fills it is, however the package was upgraded meanwhile."""
_ALL = ("0.0.0.0", "::")  # noqa: S104 - what a site file may say


@dataclass(frozen=True, slots=True)
class Machine:
    """What the configuration has to know of the machine and the account it is for."""

    layout: Layout
    programs: Programs
    user: str
    """Name of the account that the front door runs as."""
    ca_is_folder: bool = False
    """Whether the site file's trusted_ca is a folder of certificates, and not a file."""


def condor_config(site: SiteFile, door: FrontDoor, machine: Machine, version: str) -> str:
    """The whole file. Raises Unwritable."""
    ads = attributes(site, door, version)
    return _template().render(
        **_places(machine),
        **_network(door),
        **_security(door, machine),
        resource=values.string(site.resource),
        max_jobs=door.max_jobs,
        protected=PROTECTED,
        ours_to_say=OURS_TO_SAY,
        ads=ads,
    )


def local_address(door: FrontDoor) -> str:
    """Where our own programs find the front door: not by DNS, and not by a way back in through NAT."""
    return door.bind if door.bind and door.bind not in _ALL else "127.0.0.1"


def is_forwarded(door: FrontDoor) -> bool:
    """Whether clients must be told to come to `host`: HTCondor then looks that name up at its start.

    One that listens on loopback is for this machine alone.
    """
    return door.bind not in (None, door.host) and not ipaddress.ip_address(door.bind or "").is_loopback


def _places(machine: Machine) -> Mapping[str, object]:
    programs = machine.programs
    return {
        "folder": values.path(machine.layout.folder),
        "programs": {name: values.path(where) for name, where in programs.macros().items()},
    }


def _network(door: FrontDoor) -> Mapping[str, object]:
    host = values.word(door.host)
    specific = door.bind if door.bind not in _ALL else None
    local = local_address(door)
    return {
        "host": host,
        "port": door.port,
        "interface": values.word(specific) if specific else "*",
        "collector": values.word(f"[{local}]:{door.port}" if ":" in local else f"{local}:{door.port}"),
        "ipv4": not specific or ":" not in specific,
        "ipv6": door.bind != _ALL[0] and (not specific or ":" in specific),
        "forwarding_host": host if is_forwarded(door) else None,
        "view_hosts": [values.word(each) for each in door.advertise_to],
    }


def _security(door: FrontDoor, machine: Machine) -> Mapping[str, object]:
    audience = f"{door.host}:{door.port}"
    return {
        "domain": DOMAIN,
        "banned": BANNED,
        "manager": values.word(f"{machine.user}@{DOMAIN}"),
        "audiences": [
            values.word(each) for each in (audience, f"https://{audience}", f"condor://{audience}")
        ],
        "certificate": values.path(door.certificate),
        "certificate_key": values.path(door.certificate_key),
        "ca": values.path(door.trusted_ca) if door.trusted_ca else None,
        "ca_kind": "CADIR" if machine.ca_is_folder else "CAFILE",
    }


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        finalize=values.one_line,
        autoescape=False,  # noqa: S701 - this is no HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(_TEXT)
