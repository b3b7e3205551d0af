"""The columns of tables, and how a record of the API fills them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hosted_ce.cli.words import cell, ending, to_the_second

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and how a record of the API fills it. Only the last one may have spaces in it."""

    title: str
    fill: Callable[[Record], str]


def _field(title: str, name: str) -> Column:
    return Column(title, lambda record: cell(record[name]))


def _use(title: str, what: str) -> Column:
    return Column(title, lambda record: _used(record, what))


def _refused(route: Record) -> str:
    refused = route["refused"]
    return f"{refused['kind']},until={to_the_second(refused['until'])}" if refused else "-"


def _person(title: str, name: str) -> Column:
    """Names of people have spaces."""
    return Column(title, lambda record: cell(record[name]).replace(" ", "_"))


PILOTS = (
    _field("ID", "id"),
    _field("STATE", "state"),
    _field("BATCH_ID", "batch_id"),
    _field("ROUTE", "route"),
    _field("CLUSTER", "cluster"),
    _field("NODE", "node"),
    Column("EXIT", ending),
    Column("CREATED", lambda pilot: to_the_second(pilot["created_at"])),
    _field("EXECUTABLE", "executable"),
    _field("REASON", "reason"),
)

PILOTS_NARROW = tuple(column for column in PILOTS if column.title not in ("CLUSTER", "EXECUTABLE"))
"""Where there is no room for everything."""

_CONTACT = {True: "yes", False: "no", None: "not_yet"}

FRONT_DOORS = (
    _field("FRONT_DOOR", "address"),
    Column("CONTACT", lambda door: _CONTACT[door["in_contact"]]),
    Column("SINCE", lambda door: to_the_second(door["since"])),
    Column("LOOKED_AT", lambda door: to_the_second(door["looked_at"])),
    _field("JOBS", "jobs"),
    _field("PROBLEM", "problem"),
)

CLUSTERS = (
    _field("CLUSTER", "name"),
    _field("BATCH", "batch"),
    Column("LOGINS", lambda cluster: cell(",".join(cluster["logins"]))),
    _field("ACCOUNT", "account"),
    _field("STATE", "state"),
    Column("SINCE", lambda cluster: to_the_second(cluster["state_since"])),
    Column("LISTED", lambda cluster: to_the_second(cluster["listed_at"])),
    Column("SUBMITS", lambda cluster: "yes" if cluster["submitting"] else "no"),
    Column("PROBLEM", lambda cluster: cell(cluster["state_reason"] or cluster["closed_reason"])),
)

CLUSTERS_NARROW = tuple(column for column in CLUSTERS if column.title not in ("BATCH", "LOGINS", "ACCOUNT"))
"""A problem names the account and the login node."""

ROUTES = (
    _field("ROUTE", "name"),
    _field("CLUSTER", "cluster"),
    Column("PILOTS", lambda route: _used(route, "pilots")),
    Column("IDLE", lambda route: _used(route, "idle")),
    Column("REFUSED", _refused),
    _field("WHEN", "when"),
)

TRIALS = (
    _field("ROUTE", "route"),
    _field("CLUSTER", "cluster"),
    _field("LANGUAGE", "language"),
    _field("OUTCOME", "outcome"),
    _field("WHY", "obstacle"),
)

LIMITS = (
    _field("ROUTE", "route"),
    _field("COUNTS", "whose"),
    *(_use(title, what) for title, what in (("PILOTS", "pilots"), ("IDLE", "idle"), ("CORES", "cores"))),
    Column("RUNNING", lambda limit: cell(limit["limits"]["running"])),
    Column("SUBMITS/MIN", lambda limit: f"{limit['usage']['submits']}/{cell(limit['submits'])}"),
    Column("OF", lambda limit: cell(limit["name"])),
)

NODES = (
    _field("NODE", "name"),
    _field("CLUSTER", "cluster"),
    _field("ENDED", "ended"),
    _field("FAILED", "failed"),
    Column("LAST", lambda node: to_the_second(node["last_at"])),
    Column("AVOIDED_UNTIL", lambda node: to_the_second(node["avoided"] and node["avoided"]["until"])),
    Column("CLASSES", lambda node: cell(",".join(f"{k}={n}" for k, n in sorted(node["classes"].items())))),
    _field("PROBLEM", "problem"),
)

AVOIDANCES = (
    _field("NODE", "node"),
    _field("CLUSTER", "cluster"),
    Column("NOW", lambda one: "yes" if one["in_force"] else "no"),
    Column("SINCE", lambda one: to_the_second(one["since"])),
    Column("UNTIL", lambda one: to_the_second(one["ended_at"] or one["until"])),
    _person("ACTOR", "actor"),
    _person("ENDED_BY", "ended_by"),
    _field("REASON", "reason"),
)

SESSIONS = (
    _field("SESSION", "id"),
    Column("BEGUN", lambda one: to_the_second(one["began_at"])),
    Column("ENDED", lambda one: to_the_second(one["ended_at"])),
    _field("BY", "began_by"),
    _field("WITH", "partner"),
)

HISTORY = (
    _field("AT", "at"),
    _field("WHAT", "what"),
    _person("ACTOR", "actor"),
    _field("STATE", "state"),
    _field("REASON", "reason"),
)

TOKENS = (
    _field("ID", "id"),
    _field("ROLE", "role"),
    Column("GOOD", lambda token: "yes" if token["good"] else "no"),
    Column("CREATED", lambda token: to_the_second(token["created_at"])),
    Column("EXPIRES", lambda token: to_the_second(token["expires_at"])),
    Column("LAST_USED", lambda token: to_the_second(token["last_used_at"])),
    Column("REVOKED", lambda token: to_the_second(token["revoked_at"])),
    _person("CREATED_BY", "created_by"),
    _field("NAME", "name"),
)


def _used(route: Record, what: str) -> str:
    limit = route["limits"][what]
    return f"{route['usage'][what]}/{'-' if limit is None else limit}"
