"""What the sources say about a site, put together: values that a site file can have, with their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from hosted_ce.routing.htcondor.place import Place
from hosted_ce.site import BadValue
from hosted_ce.site import text as texts
from hosted_ce.site.paths import check_scratch
from hosted_ce.site_import.destination import Destination
from hosted_ce.site_import.notes import Notes
from hosted_ce.site_import.secrets import ADVICE, holds_secret
from hosted_ce.site_import.values import Found


@dataclass(frozen=True, slots=True)
class Said:
    """A value and where it was said."""

    value: str
    place: Place
    what: str

    @property
    def origin(self) -> str:
        """Where it came from, for a comment beside the value."""
        return f"{spell_place(self.place)} {self.what}" if self.place.file else self.what


def spell_place(place: Place) -> str:
    """A place for a comment: without folders."""
    return f"{PurePosixPath(place.file).name}:{place.line}"


@dataclass(frozen=True, slots=True)
class Identity:
    """A token's issuer, and its subject or None for all of them, with the account that is given to it."""

    issuer: str
    subject: str | None
    account: str
    place: Place


@dataclass(frozen=True, slots=True)
class PilotKind:
    """A `[Pilot name]` section. Memory in MB, walltime in minutes; None is what it does not say."""

    name: str
    place: Place
    cpus: int | None = None
    memory: int | None = None
    walltime: int | None = None
    queue: str | None = None
    gpus: int = 0
    whole_node: bool = False
    most: int | None = None
    section: str = ""
    vos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A place of the site file, and the check of what goes there."""

    where: str
    check: Callable[[str], object]


def _any(text: str) -> str:
    return texts.check_one_line(text)


TARGETS: Mapping[str, Target] = {
    "resource": Target("resource", texts.TOPOLOGY_NAME.check),
    "resource_group": Target("resource_group", texts.TOPOLOGY_NAME.check),
    "contact": Target("contacts", texts.check_email),
    "batch": Target("clusters.*.batch", _any),
    "login": Target("clusters.*.login[0].host", texts.check_host),
    "port": Target("clusters.*.login[0].port", _any),
    "login_account": Target("clusters.*.account", texts.check_pilot_account),
    "scratch": Target("clusters.*.scratch", check_scratch),
    "squid": Target("clusters.*.squid", texts.check_host_port),
    "host": Target("front_door.host", texts.check_public_host),
    "collector": Target("front_door.advertise_to", texts.check_host_port),
    "max_jobs": Target("front_door.max_jobs", _any),
    "client": Target("request.environment.OSG_GRID", texts.check_variable_value),
    "queue": Target("request.queue", texts.BATCH_WORD.check),
    "account": Target("request.account", texts.BATCH_WORD.check),
    "qos": Target("request.qos", texts.BATCH_WORD.check),
    "constraint": Target("request.constraint", _any),
    "reservation": Target("request.reservation", texts.BATCH_WORD.check),
    "cpus": Target("request.cpus", _any),
    "memory": Target("request.memory", _any),
    "walltime": Target("request.walltime", _any),
    "pilots": Target("limits.pilots", _any),
    "idle": Target("limits.idle", _any),
}


@dataclass(slots=True)
class Facts:
    """All that is known of the site, and the notes about where it came from."""

    notes: Notes = field(default_factory=Notes)
    said: dict[str, Said] = field(default_factory=dict)
    extra: list[Said] = field(default_factory=list)
    prologue: list[Said] = field(default_factory=list)
    """Lines of shell, in their order."""
    kinds: dict[str, PilotKind] = field(default_factory=dict)
    """By their names, in the order of the sections."""
    allowed: list[Identity] = field(default_factory=list)
    issuers: dict[str, Identity] = field(default_factory=dict)
    """The first of `allowed` for each issuer."""
    banned: list[Identity] = field(default_factory=list)
    seen: dict[tuple[str, str | None], Identity] = field(default_factory=dict)
    """The first of each issuer and subject so far, in the order of today's mapfile."""
    routers: list[tuple[str, str]] = field(default_factory=list)
    """HTCondor-CE configuration that decides about routes: names and texts, in the order of reading."""
    destinations: dict[Destination, list[str]] = field(default_factory=dict)
    """Where those routes lead, with the routes' names; the first is the site's main cluster."""
    folder: str = "."
    """Of the files beside the site file."""
    known_hosts: str | None = None

    def allow(self, identity: Identity) -> None:
        """Adds an entry to those whose pilots are taken."""
        self.allowed.append(identity)
        self.issuers.setdefault(identity.issuer, identity)

    def offer(self, target: str, value: str, found: Found, remark: str = "") -> bool:
        """Takes the value if the site file can have it there; tells what became of it in any case."""
        goal = TARGETS[target]
        try:
            goal.check(value)
        except BadValue as fault:
            hint = f"; {fault.hint}" if fault.hint else ""
            self.notes.person(found.place, found.what, f"it cannot go to {goal.where}: {fault.message}{hint}")
            return False
        return self._keep(target, Said(value, found.place, found.what), f"{goal.where}{remark}")

    def _keep(self, target: str, said: Said, where: str) -> bool:
        first = self.said.setdefault(target, said)
        if first.value != said.value:
            message = f"it differs from {first.what} in {first.place}, which was taken for {where}"
            self.notes.person(said.place, said.what, message)
            return False
        self.notes.mapped(said.place, said.what, where)
        return True

    def value(self, target: str) -> str | None:
        """What was taken for a target."""
        said = self.said.get(target)
        return said.value if said else None

    def words(self, found: Found) -> str | None:
        """The value as one text that may be looked at; None, with a note, where it is none or a secret."""
        if found.text is None:
            self.notes.person(found.place, found.what, "a single value is expected here")
        elif holds_secret(found.text):
            self.notes.person(found.place, found.what, ADVICE)
        else:
            return found.text
        return None
