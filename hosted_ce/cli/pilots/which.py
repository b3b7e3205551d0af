"""Finds the pilot that a person means: by its number, or by any name that it has somewhere."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from hosted_ce.cli.client import Client, Document
from hosted_ce.cli.errors import CliError, Refused
from hosted_ce.cli.printing import note

LARGEST_ID = 2**63 - 1
_NAMES = {
    "batch_id": "batch job {name} is that of pilot {id}",
    "stamp": "stamp {name} is that of pilot {id}",
    "factory_job": "job {name} of the factory is pilot {id}",
    "door_key": "{name} at the front door is pilot {id}",
}


def get_of(client: Client, name: str, what: str = "") -> Document:
    """The object at `/pilots/{id}{what}` of the pilot that has this number or name. Raises CliError."""
    if name.isdecimal() and 0 < int(name) <= LARGEST_ID:
        if found := _by_number(client, name, what):
            return found
        pilots = _named(client, name, ("batch_id",))
    else:
        pilots = _named(client, name, _kinds(name))
    if not pilots:
        raise CliError(
            f"no pilot has the number, batch job, stamp or GlobalJobId {name}",
            "`hosted-ce pilots list` shows those that there are; --entry, --state and others narrow it",
        )
    return client.get(f"/pilots/{pilots[0]['id']}{what}")


def _by_number(client: Client, number: str, what: str) -> Document | None:
    """Pilots are numbered, and batch jobs are: whoever meant the other is told."""
    try:
        found = client.get(f"/pilots/{int(number)}{what}")
    except Refused as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    for other in _named(client, number, ("batch_id",), quiet=True):
        if other["id"] != int(number):
            note(f"this is pilot {number}; batch job {number} is that of pilot {other['id']}")
    return found


def _kinds(name: str) -> tuple[str, ...]:
    """By which names it is looked for. A GlobalJobId is schedd#cluster.proc#time."""
    return ("factory_job", "door_key") if "#" in name else ("stamp", "batch_id", "door_key")


def _named(client: Client, name: str, kinds: tuple[str, ...], *, quiet: bool = False) -> list[dict[str, Any]]:
    """Pilots with that name, the newest first."""
    for kind in kinds:
        pilots = client.get("/pilots", {kind: name, "limit": 2})["items"]
        if not pilots:
            continue
        if not quiet:
            more = "; it is the newest of several" if len(pilots) > 1 else ""
            note(_NAMES[kind].format(name=name, id=pilots[0]["id"]) + more)
        return list(pilots)
    return []
