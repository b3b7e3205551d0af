"""The text of a site file: what the answers say, with comments, and marks beside what is not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hosted_ce.site.errors import Loc
from hosted_ce.site.render import Remarks, render, spell
from hosted_ce.site_init import site_notes
from hosted_ce.site_init.kinds import read_answer
from hosted_ce.site_init.question import Answers, Place, Question
from hosted_ce.site_init.site_draft import Draft, Files, as_written, draft_of


def site_text(answers: Answers, files: Files) -> str:
    """The site file. It loads whatever the answers are; beside what is not known yet it says CHANGE."""
    draft = draft_of(answers, files)
    return render(_with_numbered_routes(draft.site), _remarks(draft), site_notes.HEAD)


def _with_numbered_routes(site: Mapping[str, Any]) -> dict[str, Any]:
    routes = [{"name": name, **route} for name, route in site["routes"].items()]
    return {**site, "routes": routes}


def _remarks(draft: Draft) -> Remarks:
    site, remarks = draft.site, Remarks()
    names = list(site["routes"])

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
    value = as_written(question, read_answer(question, question.example))
    return f"[{', '.join(map(spell, value))}]" if isinstance(value, list) else spell(value)


def _door_lines(site: Mapping[str, Any]) -> list[str]:
    lines = [] if "issuers" in site else ["", *site_notes.NO_ISSUER]
    return [*lines, *(site_notes.ADVERTISE if "front_door" in site else ("", *site_notes.NO_DOOR))]
