"""Macros that nobody reads or defines, and texts that look like one and are not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hosted_ce.routing.htcondor import steps
from hosted_ce.routing.htcondor.config import Definition, in_order
from hosted_ce.routing.htcondor.lint.parts import ROUTE, TRANSFORM, Part, Subject, warning
from hosted_ce.routing.htcondor.place import Finding, Place
from hosted_ce.routing.htcondor.references import references

KNOBS = frozenset(
    {
        "maxjobs", "maxidlejobs", "failureratethreshold", "jobfailuretest", "jobshouldbesandboxed",
        "editjobinplace", "usesharedx509userproxy", "sharedx509userproxy", "sendidtokens", "targetuniverse",
        "gridresource",
    }
)  # fmt: skip
_BUILT_IN = frozenset({"isclusterad", "islinux", "iswindows", "iterating", "latematerialization", "dollar"})
_OLD = re.compile(r"(set|eval_set|copy|delete)_(.+)", re.IGNORECASE)
_OPENING = re.compile(r"(?<!\$)\$[A-Za-z_]*\(")
_DEFINED = re.compile(r"defined\s+([\w./]+)", re.IGNORECASE | re.ASCII)


def check(subject: Subject) -> Iterator[Finding]:
    """All rules of this module."""
    read = _names_read(subject)
    known = _names_known(subject)
    for part in subject.parts:
        yield from _unread(part, read)
        for place, text in part.texts():
            yield from _undefined(place, text, known)
            yield from _not_macros(place, text)
            yield from _nested(place, text)
        for place, text in part.conditions():
            yield from _not_macros(place, text)
    for definition in _settings(subject):
        for line in definition.lines:
            yield from _not_macros(line.place, line.text)


def _settings(subject: Subject) -> Iterator[Definition]:
    """The macros of the configuration that are neither routes nor transforms."""
    for definition in in_order(subject.config):
        if not definition.name.upper().startswith((ROUTE, TRANSFORM)):
            yield definition


def _names_read(subject: Subject) -> set[str]:
    """Names that are read somewhere, in lower case; in a function every argument may be one."""
    texts = [text for part in subject.parts for _, text in (*part.texts(), *part.conditions())]
    texts += [line.text for definition in _settings(subject) for line in definition.lines]
    read: set[str] = set()
    for text in texts:
        read |= {found.lower() for found in _DEFINED.findall(text)}
        for macro in references(text):
            read.update(macro.names)
    return read


def _names_known(subject: Subject) -> set[str]:
    known = set(_BUILT_IN) | set(subject.config.macros) | set(subject.config.base)
    for part in subject.parts:
        for step in part.program.steps:
            match step:
                case steps.EvalMacro(_, name):
                    known.add(name.lower())
                case steps.Assign(_, name):
                    known.add(name.source.lower())
    return known


def _unread(part: Part, read: set[str]) -> Iterator[Finding]:
    for step in part.program.steps:
        written = _name_written(step)
        name = written.lower()
        if not name or name in read or (name in KNOBS and part.kind == "route"):
            continue
        if found := _OLD.fullmatch(written):
            message = f"`{written} =` is of the old syntax and does nothing; {_anew(found)}"
            yield warning(step.place, "old-statement", message)
        elif name == "requirements":
            message = "this makes a macro that nobody reads; write REQUIREMENTS without `=`"
            yield warning(step.place, "requirements-macro-name", message)
        else:
            yield warning(step.place, "unread-macro", f"nobody reads the macro {written}")


def _name_written(step: steps.Step) -> str:
    """The macro that a step gives a value, if its name is plain."""
    match step:
        case steps.EvalMacro(_, name):
            return name
        case steps.Assign(_, name) if not name.macros and name.source[:1] not in "+-":
            return name.source
        case _:
            return ""


def _anew(found: re.Match[str]) -> str:
    name = found[2]
    match found[1].lower():
        case "set" if name.lower().startswith("default_") and name.lower() != "default_cerequirements":
            return f"write `{name} = …`"
        case "set":
            return f"write `SET {name} …`"
        case "eval_set":
            return f"write `EVALSET {name} …`"
        case "copy":
            return f"write `COPY {name} …`"
        case _:
            return f"write `DELETE {name}`"


def _undefined(place: Place, text: str, known: set[str]) -> Iterator[Finding]:
    for macro in references(text):
        name = macro.name.lower()
        if macro.function or macro.default is not None or name in known or name.startswith("my."):
            continue
        message = f"no macro {macro.name} is defined here, so that `$({macro.name})` is empty"
        yield warning(place, "undefined-macro", message)


def _not_macros(place: Place, text: str) -> Iterator[Finding]:
    starts = {macro.start for macro in references(text)}
    for found in _OPENING.finditer(text):
        if found.start() not in starts:
            shown = text[found.start() : found.start() + 30]
            message = f"`{shown}` is no macro and stays as it is: no blanks, quotes, + or - can be there"
            yield warning(place, "not-a-macro", message)


def _nested(place: Place, text: str) -> Iterator[Finding]:
    for macro in references(text):
        if macro.function and "$(" in macro.body:
            message = f"`${macro.function}(` ends at the first bracket; make a macro of `{macro.body})` first"
            yield warning(place, "nested-function", message)
        elif macro.default and macro.default.count("$(") > macro.default.count(")"):
            message = f"a default within a default leaves a bracket behind where {macro.name} is defined"
            yield warning(place, "nested-default", message)
