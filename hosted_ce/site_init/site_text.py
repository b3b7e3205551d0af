"""From answers to the text of a site file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosted_ce.site.errors import Loc
from hosted_ce.site.render import Remarks, render, spell
from hosted_ce.site_init import site_notes
from hosted_ce.site_init.kinds import read_answer, split_login
from hosted_ce.site_init.question import NONE, UNKNOWN, Answers, Place, Question, Value
from hosted_ce.site_init.questions import BY_ID
from hosted_ce.site_init.questions.batch import CLUSTER
from hosted_ce.site_init.questions.names import LOCAL
from hosted_ce.site_init.questions.nodes import NOTHING
from hosted_ce.site_init.questions.pilots import has_gpus
from hosted_ce.site_init.standing import asked

VO = "OSPool"
_GPU_IDLE = 2
_SHARED_WITH_GPUS = ("cpus", "memory", "walltime", "account", "qos")
_SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class Files:
    """Where the CE's own files are, which the site file names."""

    key: Path
    known_hosts: Path


@dataclass(slots=True)
class _Draft:
    """The site file as it grows. Routes are under their names, until it is written."""

    site: dict[str, Any] = field(default_factory=dict)
    changes: list[tuple[Place, Question]] = field(default_factory=list)
    """Values that only stand in for what is not known yet."""
    gaps: list[Question] = field(default_factory=list)
    """What is left out because it is not known yet."""

    def answer(self, question: Question, value: Value) -> None:
        """Puts an answer where it belongs, or a mark where it would be."""
        if value == UNKNOWN and question.stands_in is None:
            self.gaps.append(question)
            return
        if value == UNKNOWN:
            self.changes.append((question.place, question))
            value = question.stands_in or ""
        if value != NONE and value is not False and value != 0:
            self.put(question.place, _as_written(question, value))

    def put(self, place: Place, value: object) -> None:
        """Sets a value, making the groups around it."""
        group = self.site
        for key in place[:-1]:
            group = group.setdefault(key, {})
        group[place[-1]] = value

    def group(self, place: Place) -> Mapping[str, Any]:
        """What is at a place; an empty group if there is nothing."""
        group: Any = self.site
        for key in place:
            group = group.get(key, {})
        return group if isinstance(group, Mapping) else {}


def site_text(answers: Answers, files: Files) -> str:
    """The site file. It loads whatever the answers are; beside what is not known yet it says CHANGE."""
    draft = _Draft()
    for question in asked(answers):
        if question.place:
            draft.answer(question, answers.get(question.id, UNKNOWN))
    _add_access(draft, answers, files)
    _add_routes(draft, answers)
    _add_issuers(draft)
    site = _ordered(draft.site)
    return render(_with_numbered_routes(site), _remarks(draft, site), site_notes.HEAD)


def _as_written(question: Question, value: Value) -> object:
    match question.kind:
        case "logins" if isinstance(value, list):
            return [_login(each) for each in value]
        case "folder_or_none":
            return [value]
        case _:
            return value


def _login(text: str) -> dict[str, object]:
    host, port = split_login(text)
    return {"host": host} if port == _SSH_PORT else {"host": host, "port": port}


def _add_access(draft: _Draft, answers: Answers, files: Files) -> None:
    if answers.get("option") == LOCAL:
        draft.put((*CLUSTER, "transport"), "local")
    else:
        draft.put((*CLUSTER, "key"), str(files.key))
        draft.put((*CLUSTER, "known_hosts"), str(files.known_hosts))
    if answers.get("shared") == NOTHING:
        draft.put((*CLUSTER, "shared_home"), False)
    elif "spool" not in draft.group(CLUSTER):
        draft.put((*CLUSTER, "spool"), "~/hosted-ce")
    if answers.get("shared") == UNKNOWN:
        draft.changes.append(((*CLUSTER, "spool"), BY_ID["shared"]))


def _add_routes(draft: _Draft, answers: Answers) -> None:
    if not has_gpus(answers):
        return
    draft.put(("routes", "gpu", "when"), "RequestGPUs > 0")
    default = draft.group(("routes", "default", "request"))
    for key in _SHARED_WITH_GPUS:
        if key in default:
            draft.put(("routes", "gpu", "request", key), default[key])
    most = draft.group(("routes", "gpu", "limits"))["pilots"]
    draft.put(("routes", "gpu", "limits", "idle"), min(_GPU_IDLE, most))


def _add_issuers(draft: _Draft) -> None:
    if issuer := draft.group(("issuers",)).get("issuer"):
        account = draft.group(CLUSTER)["account"]
        draft.site["issuers"] = [{"issuer": issuer, "account": account, "vo": VO}]


_ORDER: Mapping[Place, tuple[str, ...]] = {
    (): ("site", "resource", "resource_group", "contacts", "clusters", "routes", "issuers", "front_door"),
    CLUSTER: (
        "batch", "batch_options", "path", "transport", "login", "account", "key", "known_hosts", "spool",
        "shared_home", "scratch", "squid",
    ),
    ("routes",): ("gpu", "default"),
    ("routes", "gpu"): ("when", "request", "limits"),
    ("routes", "default"): ("request", "limits"),
    ("routes", "gpu", "request"): ("cpus", "memory", "walltime", "gpus", "queue", "account", "qos"),
    ("routes", "default", "request"): ("cpus", "memory", "walltime", "whole_node", "queue", "account", "qos"),
}  # fmt: skip
"""Keys as a person would write them down."""


def _ordered(group: Mapping[str, Any], place: Place = ()) -> dict[str, Any]:
    names = [key for key in _ORDER.get(place, tuple(group)) if key in group]
    return {
        key: _ordered(group[key], (*place, key)) if isinstance(group[key], dict) else group[key]
        for key in names
    }


def _with_numbered_routes(site: Mapping[str, Any]) -> dict[str, Any]:
    routes = [{"name": name, **route} for name, route in site["routes"].items()]
    return {**site, "routes": routes}


def _remarks(draft: _Draft, site: Mapping[str, Any]) -> Remarks:
    remarks, names = Remarks(), list(site["routes"])

    def loc(place: Place) -> Loc:
        return ("routes", names.index(place[1]), *place[2:]) if place[0] == "routes" and place[1:] else place

    remarks.above = {
        loc(place): list(lines) for place, lines in site_notes.ABOVE.items() if _is_in(site, place)
    }
    remarks.beside = {loc(place): _change(question) for place, question in draft.changes}
    for question in draft.gaps:
        if question.place[0] not in ("issuers", "front_door"):
            anchor, line = _gap(site, question)
            remarks.below.setdefault(loc(anchor), []).append(f"{line:<33} # {_change(question)}")
    remarks.below[_end(site)] = _door_lines(site)
    return remarks


def _change(question: Question) -> str:
    return f"CHANGE: not known yet ({question.id})"


def _end(site: Mapping[str, Any]) -> Loc:
    """What stands last in the file, or in its front door."""
    return ("front_door", list(site["front_door"])[-1]) if "front_door" in site else (list(site)[-1],)


def _is_in(site: Mapping[str, Any], place: Place) -> bool:
    group: Any = site
    for key in place:
        if not isinstance(group, Mapping) or key not in group:
            return False
        group = group[key]
    return True


def _gap(site: Mapping[str, Any], question: Question) -> tuple[Place, str]:
    """Where the comment for a key that is left out goes, and the key as it would be."""
    group, key, value = question.place[:-1], question.place[-1], _example(question)
    if not group:
        return ("resource_group" if "resource_group" in site else "resource",), f"{key}: {value}"
    if not _is_in(site, group):
        return (*group[:-1], "batch"), f"{group[-1]}: {{{key}: {value}}}"
    inner: Any = site
    for each in group:
        inner = inner[each]
    return (*group, list(inner)[-1]), f"{key}: {value}"


def _example(question: Question) -> str:
    value = _as_written(question, read_answer(question, question.example))
    return f"[{', '.join(map(spell, value))}]" if isinstance(value, list) else spell(value)


def _door_lines(site: Mapping[str, Any]) -> list[str]:
    lines = [] if "issuers" in site else ["", *site_notes.NO_ISSUER]
    return [*lines, *(site_notes.ADVERTISE if "front_door" in site else ("", *site_notes.NO_DOOR))]
