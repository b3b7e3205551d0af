"""What a new site file asks of a running CE. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hosted_ce.site import Cluster, SiteFile
from hosted_ce.site.changes import Difference
from hosted_ce.site.source import ABSENT, Source

IDENTITY = ("batch", "account")
"""With another batch system or account our jobs would seem to have vanished, with the same spool at hand."""
FILES = ("key", "known_hosts")
DOOR_RESTARTS = ("host", "port", "bind", "certificate", "certificate_key")
ADVERTISED = ("resource", "resource_group", "routes", "issuers", "bans", "front_door", "clusters")
"""What the front door's HTCondor is told."""
SHOWN = 10

Obstacle = tuple[tuple[str, ...], str, str]
"""Where in the new file, why not, and what to do."""


class Door(StrEnum):
    """What becomes of the factory's door."""

    STAYS = "stays"
    OPENS = "opens"
    CLOSES = "closes"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Plan:
    """Clusters that begin, are served anew, or end; and routes that are not what they were: by name."""

    begin: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    """Clusters that are the same, with another key or known_hosts file behind them."""
    routes: frozenset[str] = frozenset()
    door: Door = Door.STAYS


def plan(old: Source, new: Source, found: Sequence[Difference]) -> Plan:
    """What to do. `found` are the differences."""
    before, after = old.site.clusters, new.site.clusters
    both = [name for name in before if name in after]
    replaced = tuple(name for name in both if before[name] != after[name])
    touched = (name for name in both if name not in replaced and _marks(old, name) != _marks(new, name))
    return Plan(
        begin=tuple(name for name in after if name not in before),
        replace=replaced,
        end=tuple(name for name in before if name not in after),
        touched=tuple(touched),
        routes=frozenset(each.path[1] for each in found if each.path[0] == "routes" and len(each.path) > 1),
        door=_door(old.site, new.site),
    )


def obstacles(
    old: SiteFile, new: Source, intended: Plan, there: Mapping[str, Collection[int]], at_door: Collection[int]
) -> Iterator[Obstacle]:
    """Why this cannot be done now. `there` are the pilots at each cluster, `at_door` those of the factory."""
    for name in intended.end:
        if pilots := there.get(name):
            yield (
                ("clusters",),
                f"cluster {name} is taken out, and {_pilots(pilots)} there",
                "keep it, take out only its routes until they have ended, or remove them",
            )
    for name in intended.replace:
        yield from _identity(name, old.clusters[name], new.site.clusters[name], there.get(name, ()))
    for name in (*intended.begin, *intended.replace, *intended.touched):
        for key in FILES:
            path = getattr(new.site.clusters[name], key)
            if new.named.get(str(path)) == ABSENT:
                yield ("clusters", name, key), f"{path} cannot be read", "put the file there first"
    if intended.door is Door.CLOSES and at_door:
        yield (
            (),
            f"the front door is taken out, and {_pilots(at_door)} in its queue",
            "keep it until they have left it",
        )


def chores(new: SiteFile, found: Sequence[Difference]) -> tuple[str, ...]:
    """What is left for the operator to do: the front door's HTCondor is not ours to touch."""
    if new.front_door is None:
        return ()
    door = [each.path for each in found if each.path[0] == "front_door"]
    if any(len(path) == 1 or path[1] in DOOR_RESTARTS for path in door):
        return ("restart the front door: systemctl restart hosted-ce-front-door",)
    if any(each.path[0] in ADVERTISED for each in found):
        return ("tell the front door: hosted-ce front-door config",)
    return ()


def _identity(name: str, old: Cluster, new: Cluster, pilots: Collection[int]) -> Iterator[Obstacle]:
    for key in IDENTITY:
        was, becomes = getattr(old, key), getattr(new, key)
        if was != becomes and pilots:
            yield (
                ("clusters", name, key),
                f"it was {was}, becomes {becomes}, and {_pilots(pilots)} there, never to be found again",
                "wait until they have ended, or give the new one another name",
            )


def _marks(source: Source, cluster: str) -> list[str | None]:
    entry = source.site.clusters[cluster]
    return [source.named.get(str(getattr(entry, key))) for key in FILES]


def _door(old: SiteFile, new: SiteFile) -> Door:
    if old.front_door is None or new.front_door is None:
        same = old.front_door is new.front_door
        return Door.STAYS if same else Door.OPENS if old.front_door is None else Door.CLOSES
    same = (old.front_door, old.resource) == (new.front_door, new.resource)
    return Door.STAYS if same else Door.REPLACED


def _pilots(ids: Collection[int]) -> str:
    first = ", ".join(str(each) for each in sorted(ids)[:SHOWN])
    more = ", ..." if len(ids) > SHOWN else ""
    return f"{len(ids)} pilot{'s are' if len(ids) != 1 else ' is'} ({first}{more})"
