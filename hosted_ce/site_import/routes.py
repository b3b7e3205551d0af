"""The routes of a site file: one for each [Pilot] section, or HTCondor-CE's own, for each account."""

from __future__ import annotations

from hosted_ce.site import format_memory
from hosted_ce.site.errors import Loc
from hosted_ce.site.render import Remarks
from hosted_ce.site_import.clusters import Clusters
from hosted_ce.site_import.conditions import conditions
from hosted_ce.site_import.facts import Facts, PilotKind, spell_place
from hosted_ce.site_import.remote import nowhere
from hosted_ce.site_import.times import spell_minutes

_UNKNOWN_PILOTS, _UNKNOWN_IDLE = 100, 10


def add_routes(facts: Facts, clusters: Clusters, remarks: Remarks) -> list[dict[str, object]]:
    """The routes in the order in which they are to be tried."""
    writer = _Writer(facts, remarks)
    first, *others = clusters.names
    if facts.routers:
        writer.condor(clusters.names[first])
        _tell_accounts(others, facts)
        _tell_routers(facts)
        return writer.routes
    for names in clusters.names.values():
        ending = f"-{names[0]}" if others else ""
        if facts.kinds:
            writer.pilot_kinds(names[0], ending)
        else:
            writer.default(names[0], ending)
    _tell(facts)
    return writer.routes


class _Writer:
    def __init__(self, facts: Facts, remarks: Remarks) -> None:
        self.routes: list[dict[str, object]] = []
        self._facts = facts
        self._remarks = remarks

    def condor(self, names: list[str]) -> None:
        """HTCondor-CE's routes, all of them, with the clusters of those that lead elsewhere."""
        files = [f"{self._facts.folder}/{name}" for name, _ in self._facts.routers]
        part: dict[str, object] = {"files": files}
        others = {
            route: name
            for name, routes in zip(names[1:], list(self._facts.destinations.values())[1:], strict=False)
            for route in routes
        }
        if others:
            part["clusters"] = others
        self._add({"name": "htcondor-ce", "cluster": names[0], "htcondor": part})

    def pilot_kinds(self, cluster: str, ending: str) -> None:
        """A route for each section."""
        kinds = list(self._facts.kinds.values())
        whens = conditions(kinds)
        last = {when: index for index, when in enumerate(whens)}
        for index, (kind, when) in enumerate(zip(kinds, whens, strict=True)):
            route: dict[str, object] = {"name": f"{kind.name}{ending}"[:64], "cluster": cluster}
            if when:
                route["when"] = when
            route["request"] = self._request(kind)
            if last[when] != index:
                route["if_full"] = "next"
            loc = self._add(route)
            self._remarks.beside[*loc, "name"] = f"{spell_place(kind.place)} [Pilot {kind.name}]"
            self._limits(route, loc, kind.most, f"max_pilots of [Pilot {kind.name}]")

    def default(self, cluster: str, ending: str) -> None:
        """One route for all pilots, as the chart has it."""
        route: dict[str, object] = {"name": f"default{ending}"[:64], "cluster": cluster}
        request = self._request(None)
        if request:
            route["request"] = request
        loc = self._add(route)
        for key in ("cpus", "memory", "walltime"):
            if said := self._facts.said.get(key):
                self._remarks.beside[*loc, "request", key] = said.origin
        pilots = self._facts.said.get("pilots")
        self._limits(route, loc, int(pilots.value) if pilots else None, pilots.origin if pilots else "")

    def _add(self, route: dict[str, object]) -> Loc:
        self.routes.append(route)
        return ("routes", len(self.routes) - 1)

    def _request(self, kind: PilotKind | None) -> dict[str, object]:
        request = self._shape(kind)
        for key in ("qos", "constraint", "reservation"):
            if said := self._facts.said.get(key):
                request[key] = said.value
        for key in ("queue", "account"):
            if said := self._facts.said.get(key):  # a script's directive counts whatever the pilot asks for
                request[key] = f'= "{said.value}"'
        if self._facts.extra:
            request["extra"] = list(dict.fromkeys(said.value for said in self._facts.extra))
        if client := self._facts.said.get("client"):
            request["environment"] = {"OSG_GRID": client.value}
        if self._facts.prologue:
            request["prologue"] = "".join(f"{said.value}\n" for said in self._facts.prologue)
        return request

    def _shape(self, kind: PilotKind | None) -> dict[str, object]:
        said = self._facts.said
        if kind is None:
            shape: dict[str, object] = {"cpus": int(said["cpus"].value)} if "cpus" in said else {}
            return shape | {key: said[key].value for key in ("memory", "walltime") if key in said}
        request: dict[str, object] = {}
        if kind.cpus is not None:
            request["cpus"] = kind.cpus
        if kind.memory is not None:
            request["memory"] = format_memory(kind.memory)
        request["walltime"] = spell_minutes(kind.walltime or 1440)
        if kind.queue:
            request["queue"] = kind.queue
        if kind.gpus:
            request["gpus"] = kind.gpus
        if kind.whole_node:
            request["whole_node"] = True
        return request

    def _limits(self, route: dict[str, object], loc: Loc, most: int | None, what: str) -> None:
        pilots = most if most is not None else _UNKNOWN_PILOTS
        idle = self._facts.said.get("idle") if not self._facts.kinds else None
        route["limits"] = {
            "pilots": pilots,
            "idle": int(idle.value) if idle else max(1, pilots // 5) if most is not None else _UNKNOWN_IDLE,
        }
        if most is None:
            self._remarks.beside[*loc, "limits", "pilots"] = "CHANGE: no source says how many the site allows"
            name = str(route["name"])
            message = f"no source says how many pilots the site allows; {_UNKNOWN_PILOTS} stands there"
            self._facts.notes.person(nowhere("").place, f"route {name}: limits", message)
        else:
            self._remarks.beside[*loc, "limits", "pilots"] = what
        if idle:
            self._remarks.beside[*loc, "limits", "idle"] = idle.origin
        elif most is not None:
            self._remarks.beside[*loc, "limits", "idle"] = "a fifth, as factories have it"


def _tell(facts: Facts) -> None:
    place = nowhere("").place
    if len(facts.kinds) > 1:
        message = "pilots that are for none of them (of tests, say) are held; the old CE took every pilot"
        facts.notes.person(place, "routes", message)
        _tell_same(facts)
        if len({kind.vos for kind in facts.kinds.values()}) > 1:
            message = (
                "sections allow different VOs, and routes go by what pilots ask for, not by whose they are"
            )
            facts.notes.person(place, "routes: allowed_vos", message)


def _tell_same(facts: Facts) -> None:
    seen: dict[str | None, PilotKind] = {}
    kinds = list(facts.kinds.values())
    for kind, when in zip(kinds, conditions(kinds), strict=True):
        if when in seen:
            message = f"its pilots look like those of [Pilot {seen[when].name}], and come while that is full"
            facts.notes.person(kind.place, f"[Pilot {kind.name}]", message)
        else:
            seen[when] = kind


def _tell_accounts(others: list[str], facts: Facts) -> None:
    if others:
        message = (
            "HTCondor-CE's routes go to one account's cluster here, and no route takes pilots of "
            f"{', '.join(others)} yet: write routes for them, or give their issuers the first account"
        )
        facts.notes.person(nowhere("").place, "routes", message)


def _tell_routers(facts: Facts) -> None:
    message = (
        "routes in HTCondor-CE's language have their own requests and limits, so it was not taken over: "
        "see that they say the same"
    )
    said = (*facts.extra, *facts.prologue, *(facts.said[key] for key in _OF_REQUESTS if key in facts.said))
    sections = (kind.section for kind in facts.kinds.values())
    facts.notes.withdraw(frozenset((*sections, *(each.what for each in said))), message, but="max_pilots")


_OF_REQUESTS = (
    "queue",
    "account",
    "qos",
    "constraint",
    "reservation",
    "client",
    "cpus",
    "memory",
    "walltime",
)
