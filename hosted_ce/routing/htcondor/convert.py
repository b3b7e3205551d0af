"""Writes routes of the old syntax anew: JOB_ROUTER_ENTRIES and JOB_ROUTER_DEFAULTS as routes of the new.

The meaning is that of HTCondor's own conversion, except that `set_default_maxMemory` and its like become
the macros that HTCondor-CE's transforms read, where HTCondor makes attributes of them that nothing reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hosted_ce.routing.classad import Ad, EvaluationFailed, Tree, spell_new, spell_old
from hosted_ce.routing.htcondor.config import Config, ConfigScope
from hosted_ce.routing.htcondor.lines import Line
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.macros import expand
from hosted_ce.routing.htcondor.old_ads import OldAttribute, OldRoute, read_old_routes
from hosted_ce.routing.htcondor.place import Finding, Place
from hosted_ce.routing.htcondor.tokens import tokens

_MACROS = frozenset({"default_maxmemory", "default_queue", "default_xcount", "default_maxwalltime"})
_OF_THE_PILOT = frozenset(
    {"jobfailuretest", "jobshouldbesandboxed", "editjobinplace", "usesharedx509userproxy"}
)
_ELSEWHERE = frozenset({"name", "requirements", "overrideroutingentry"})


@dataclass(frozen=True, slots=True)
class Conversion:
    """The new configuration text, and what a person should look at."""

    text: str
    findings: tuple[Finding, ...]


def convert_entries(config: Config) -> Conversion:
    """JOB_ROUTER_ENTRIES in new syntax; the text is empty where there are none. Never fails."""
    findings: list[Finding] = []
    defaults = _read(config, "JOB_ROUTER_DEFAULTS", findings)
    base = defaults[0] if defaults else OldRoute(Place("", 0))
    routes: dict[str, tuple[str, OldRoute]] = {}
    for number, entry in enumerate(_read(config, "JOB_ROUTER_ENTRIES", findings), 1):
        route = entry.over(base)
        name = _name_of(route, number, findings)
        if name.lower() in routes and not _overrides(route):
            continue
        routes[name.lower()] = (name, route)
    blocks = ["\n".join(_block(name, route, findings)) for name, route in routes.values()]
    if not blocks:
        return Conversion("", tuple(findings))
    names = " ".join(name for name, _ in routes.values())
    return Conversion("\n".join((f"JOB_ROUTER_ROUTE_NAMES = {names}", "", *blocks)), tuple(findings))


def _read(config: Config, name: str, findings: list[Finding]) -> list[OldRoute]:
    definition = config.find(name)
    if definition is None:
        return []
    scope = ConfigScope(config)
    try:
        lines = [Line(expand(line.text, scope), line.place) for line in definition.lines]
    except TooMuch as error:
        findings.append(Finding(definition.place, "error", "endless-macro", str(error)))
        return []
    return read_old_routes(lines, findings)


def _overrides(route: OldRoute) -> bool:
    wanted = route.attributes.get("overrideroutingentry")
    return wanted is None or spell_old(wanted.expression.tree).lower() != "false"


def _name_of(route: OldRoute, number: int, findings: list[Finding]) -> str:
    """A name that a macro can have. HTCondor names a route without name by its GridResource."""
    given = _text(route, "name") or _text(route, "gridresource") or f"route{number}"
    name = re.sub(r"[^A-Za-z0-9_]+", "_", given)
    if name != given:
        message = f"the route {given!r} is now named {name}: a name has letters, digits and _ only"
        findings.append(Finding(route.place, "warning", "renamed-route", message))
    return name


def _text(route: OldRoute, name: str) -> str:
    found = route.attributes.get(name)
    value = _value(found.expression.tree) if found else None
    return value if isinstance(value, str) else ""


def _value(tree: Tree) -> object:
    try:
        return Ad().evaluate(tree)
    except EvaluationFailed:
        return None


def _block(name: str, route: OldRoute, findings: list[Finding]) -> Iterator[str]:
    """The lines of a route: HTCondor copies, deletes, sets and evaluates in this order."""
    writer = _Writer(route.ad(), findings)
    yield f"JOB_ROUTER_ROUTE_{name} @=end"
    if wanted := route.attributes.get("requirements"):
        yield f"  REQUIREMENTS {writer.spell(wanted.expression.tree, target='')}"
    for kind in (writer.assignment, writer.copy, writer.delete, writer.set, writer.evaluation):
        for key in sorted(route.attributes):
            attribute = route.attributes[key]
            line = kind(attribute, *_split(attribute.name))
            if line and "\n" in line:
                message = f"{attribute.name} has a text of several lines, which new routes cannot have"
                findings.append(Finding(attribute.place, "error", "several-lines", message))
            elif line:
                yield f"  {line}"
    yield "@end"
    yield ""


def _split(name: str) -> tuple[str, str]:
    """What an attribute's name says is to be done, in lower case, and with which attribute."""
    found = re.match(r"(copy|delete|set|eval_set)_(.+)\Z", name, re.IGNORECASE | re.DOTALL)
    return (found[1].lower(), found[2]) if found else ("", name)


class _Writer:
    """The new lines for attributes of one route; None from those that are not for them."""

    def __init__(self, ad: Ad, findings: list[Finding]) -> None:
        self._ad = ad
        self._findings = findings

    def assignment(self, attribute: OldAttribute, action: str, name: str) -> str | None:
        """Macros: what is not prefixed, and `set_default_…`, which HTCondor-CE reads as macros."""
        lower = name.lower()
        if action not in ("", "set") or (action == "set" and lower not in _MACROS) or lower in _ELSEWHERE:
            return None
        if action == "set":
            self._warn(attribute, "HTCondor's own conversion makes an attribute of it, which nothing reads")
        if lower == "queue":
            self._warn(attribute, "a macro cannot be named queue; it is now default_queue")
            name = "default_queue"
        if lower in _OF_THE_PILOT:
            return f"{name} = {self.spell(attribute.expression.tree, target='MY.')}"
        content = _value(attribute.expression.tree)
        plain = isinstance(content, str) and lower != "gridresource"
        return f"{name} = {content if plain else spell_old(attribute.expression.tree)}"

    def copy(self, attribute: OldAttribute, action: str, name: str) -> str | None:
        """`copy_a = "b"`."""
        if action != "copy":
            return None
        new = _value(attribute.expression.tree)
        if not isinstance(new, str):
            self._warn(attribute, "it is left out: its value is not a text")
            return None
        return f"COPY {name} {new}"

    def delete(self, attribute: OldAttribute, action: str, name: str) -> str | None:
        """`delete_a = true`; HTCondor does not look at the value."""
        if action != "delete":
            return None
        if _value(attribute.expression.tree) is False:
            self._warn(attribute, "HTCondor deletes the attribute all the same")
        return f"DELETE {name}"

    def set(self, attribute: OldAttribute, action: str, name: str) -> str | None:
        """`set_a = expression`."""
        if action != "set" or name.lower() in _MACROS:
            return None
        name = "default_CERequirements" if name.lower() == "default_remote_cerequirements" else name
        return f"SET {name} {spell_old(attribute.expression.tree)}"

    def evaluation(self, attribute: OldAttribute, action: str, name: str) -> str | None:
        """`eval_set_a = expression`; EVALSET reads new ClassAd syntax."""
        if action != "eval_set":
            return None
        flat = spell_new(self._ad.flatten(attribute.expression.tree))
        return f"EVALSET {name} {_retarget(flat, 'MY.', old=False)}"

    def spell(self, tree: Tree, target: str) -> str:
        """The expression with the route's own attributes put in, and something else for `TARGET.`."""
        return _retarget(spell_old(self._ad.flatten(tree)), target, old=True)

    def _warn(self, attribute: OldAttribute, message: str) -> None:
        self._findings.append(
            Finding(attribute.place, "warning", "converted", f"{attribute.name}: {message}")
        )


def _retarget(text: str, new: str, *, old: bool) -> str:
    """The expression with another scope than `TARGET.`."""
    found = list(tokens(text, old=old))
    parts, at = [], 0
    for scope, dot in pairwise(found):
        if scope.kind == "word" and scope.text.lower() == "target" and dot.text == "." and dot.kind == "mark":
            parts.append(text[at : scope.start] + new)
            at = dot.end
    return "".join([*parts, text[at:]])
