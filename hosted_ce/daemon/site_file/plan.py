"""What a new site file asks of a running CE. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hosted_ce.site import Cluster, SiteFile
from hosted_ce.site.changes import Difference, What, differences
from hosted_ce.site.source import ABSENT, Source

FOR_ROUTING = ("limits", "squid", "avoid_nodes")
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


def all_differences(old: Source, new: Source) -> tuple[Difference, ...]:
    """What differs between two site files, and which of the files that they name is another than it was."""
    found = differences(old.site, new.site)
    return (*found, *_files(old, new))


def plan(old: SiteFile, new: SiteFile, found: Sequence[Difference]) -> Plan:
    """What to do. `found` are all differences."""
    before, after = old.clusters, new.clusters
    both = [name for name in before if name in after]
    replaced = tuple(name for name in both if _served(before[name]) != _served(after[name]))
    touched = dict.fromkeys(each.path[1] for each in found if each.what is What.CONTENT)
    return Plan(
        begin=tuple(name for name in after if name not in before),
        replace=replaced,
        end=tuple(name for name in before if name not in after),
        touched=tuple(name for name in touched if name in both and name not in replaced),
        routes=frozenset(each.path[1] for each in found if each.path[0] == "routes" and len(each.path) > 1),
        door=_door(old, new),
    )


def obstacles(
    old: SiteFile, new: Source, intended: Plan, there: Mapping[str, Collection[int]],
    at_door: Collection[int], *, replaced: Collection[str] = (),
) -> Iterator[Obstacle]:  # fmt: skip
    """Why this cannot be done now. `there` are the pilots at each cluster, `at_door` those of the factory.

    `replaced`: batch systems of which this process has nothing in memory, and another version on disk.
    """
    for name in intended.end:
        if pilots := there.get(name):
            yield (
                ("clusters",),
                f"cluster {name} is taken out, and {_pilots(pilots)} there",
                "keep it, take out only its routes until they have ended, or remove them",
            )
    for name in intended.replace:
        yield from _identity(name, old.clusters[name], new.site.clusters[name], there.get(name, ()))
    for name in (*intended.begin, *intended.replace):
        if (batch := new.site.clusters[name].batch) in replaced:
            yield (
                ("clusters", name, "batch"),
                f"the CE was upgraded on disk since this one started, which has not used {batch} yet",
                "restart the CE: systemctl restart hosted-ce",
            )
    for name in (*intended.begin, *intended.replace, *intended.touched):
        for key in FILES:
            path = getattr(new.site.clusters[name], key)
            if path and new.mark(path) == ABSENT:
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
    before, after = _jobs_are(old), _jobs_are(new)
    for path, was in before.items():
        becomes = after[path]
        if was != becomes and pilots:
            yield (
                ("clusters", name, *path),
                f"it was {was or 'not there'}, becomes {becomes or 'nothing'}, and {_pilots(pilots)} there, "
                "never to be found again",
                "wait until they have ended, or give the new one another name",
            )


def _jobs_are(entry: Cluster) -> dict[tuple[str, ...], str | None]:
    """With another of these our jobs would seem to have vanished, with the same spool at hand."""
    named = entry.batch_options.get("cluster")
    return {("batch",): entry.batch, ("account",): entry.account, ("batch_options", "cluster"): named}


def _files(old: Source, new: Source) -> Iterator[Difference]:
    """Of clusters and routes that both have, the files that changed behind the same name."""
    for name, cluster in new.site.clusters.items():
        if name in old.site.clusters:
            for key in FILES:
                if file := getattr(cluster, key):  # a cluster of this machine has none
                    yield from _content(("clusters", name, key), file, old, new)
    for route in new.site.routes:
        for file in route.htcondor.files if route.htcondor else ():
            yield from _content(("routes", route.name, "htcondor", "files"), file, old, new)


def _content(path: tuple[str, ...], file: Path, old: Source, new: Source) -> Iterator[Difference]:
    was, becomes = old.mark(file), new.mark(file)
    if was is not None and becomes is not None and was != becomes:
        yield Difference(path, What.CONTENT, str(file), str(file))


def _served(entry: Cluster) -> object:
    """What the cluster's workers go by; all else of the entry is for routing."""
    return entry.model_dump(exclude=set(FOR_ROUTING))


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
