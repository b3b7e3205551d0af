"""From answers to the keys and values of a site file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosted_ce.site_init.kinds import split_login
from hosted_ce.site_init.question import NONE, UNKNOWN, Answers, Place, Question, Value
from hosted_ce.site_init.questions import BY_ID
from hosted_ce.site_init.questions.batch import CLUSTER
from hosted_ce.site_init.questions.names import LOCAL
from hosted_ce.site_init.questions.nodes import NOTHING
from hosted_ce.site_init.questions.pilots import has_gpus
from hosted_ce.site_init.standing import asked

VO = "OSPool"
_GPU_IDLE = 2
_SHARED_WITH_GPUS = ("cpus", "memory", "walltime", "whole_node", "account", "qos")
_SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class Files:
    """Where the CE's own files are, which the site file names."""

    key: Path
    known_hosts: Path


@dataclass(slots=True)
class Draft:
    """The site file as it grows. Routes are under their names: their numbers come when it is written."""

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
            self.put(question.place, as_written(question, value))

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


def draft_of(answers: Answers, files: Files) -> Draft:
    """All that the site file will have, in the order of a person."""
    draft = Draft()
    for question in asked(answers):
        if question.place:
            draft.answer(question, answers.get(question.id, UNKNOWN))
    _add_access(draft, answers, files)
    _add_routes(draft, answers)
    _add_growth(draft)
    _add_issuers(draft)
    draft.site = _ordered(draft.site)
    return draft


def as_written(question: Question, value: Value) -> object:
    """An answer as the site file has it."""
    match question.kind:
        case "logins" | "logins_or_none" if isinstance(value, list):
            return [_login(each) for each in value]
        case "folder_or_none":
            return [value]
        case _:
            return value


def _login(text: str) -> dict[str, object]:
    host, port = split_login(text)
    return {"host": host} if port == _SSH_PORT else {"host": host, "port": port}


def _add_access(draft: Draft, answers: Answers, files: Files) -> None:
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


def _add_routes(draft: Draft, answers: Answers) -> None:
    if not has_gpus(answers):
        return
    draft.put(("routes", "gpu", "when"), "RequestGPUs > 0")
    default = draft.group(("routes", "default", "request"))
    for key in _SHARED_WITH_GPUS:
        if key in default:
            draft.put(("routes", "gpu", "request", key), default[key])
    most = draft.group(("routes", "gpu", "limits"))["pilots"]
    draft.put(("routes", "gpu", "limits", "idle"), min(_GPU_IDLE, most))


def _add_growth(draft: Draft) -> None:
    """What the live session needs: routes that grow by themselves, and checks that go on after it."""
    for route, found in draft.group(("routes",)).items():
        if found.get("limits", {}).get("pilots", 0) > FIRST:
            draft.put(("routes", route, "ramp"), value=True)
    draft.put(("checks",), {"every": "7d"})


def _add_issuers(draft: Draft) -> None:
    if issuer := draft.group(("issuers",)).get("issuer"):
        account = draft.group(CLUSTER)["account"]
        draft.site["issuers"] = [{"issuer": issuer, "account": account, "vo": VO}]


FIRST = 2
"""With so many pilots a ramp begins: a route that is to have no more needs none."""
_REQUEST = ("cpus", "memory", "walltime", "whole_node", "gpus", "queue", "account", "qos")
_ORDER: Mapping[Place, tuple[str, ...]] = {
    (): (
        "site", "resource", "resource_group", "contacts", "clusters", "routes", "checks", "issuers",
        "front_door",
    ),
    CLUSTER: (
        "batch", "batch_options", "path", "transport", "login", "jump", "account", "key", "known_hosts",
        "spool", "shared_home", "scratch", "squid",
    ),
    ("routes",): ("gpu", "default"),
    ("routes", "gpu"): ("when", "request", "limits"),
    ("routes", "default"): ("request", "limits"),
    ("routes", "gpu", "request"): _REQUEST,
    ("routes", "default", "request"): _REQUEST,
}  # fmt: skip
"""Keys as a person would write them down."""


def _ordered(group: Mapping[str, Any], place: Place = ()) -> dict[str, Any]:
    first = [key for key in _ORDER.get(place, ()) if key in group]
    names = [*first, *(key for key in group if key not in first)]
    return {
        key: _ordered(group[key], (*place, key)) if isinstance(group[key], dict) else group[key]
        for key in names
    }
