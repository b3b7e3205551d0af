"""Statements that fail, are passed over, or do something else than they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hosted_ce.routing.classad import ATTRIBUTE_NAME, ExpressionError
from hosted_ce.routing.htcondor import steps
from hosted_ce.routing.htcondor.conditions import Kind, kind_of
from hosted_ce.routing.htcondor.expressions import Expression, beginning, whole
from hosted_ce.routing.htcondor.lint.parts import Part, Subject, error, warning
from hosted_ce.routing.htcondor.patterns import is_pattern
from hosted_ce.routing.htcondor.place import Finding, Place
from hosted_ce.routing.htcondor.references import find_macro
from hosted_ce.routing.htcondor.words import NamePattern, next_word


def check(subject: Subject) -> Iterator[Finding]:
    """All rules of this module."""
    for part in subject.parts:
        for step in part.program.steps:
            yield from _check_step(step)
        yield from _check_commas(part)


def _check_step(step: steps.Step) -> Iterator[Finding]:
    match step:
        case steps.Broken(place, message):
            yield error(place, "broken", message)
        case steps.Set(place, attribute, value):
            yield from _check_name(place, attribute)
            yield from _check_value(place, value, whole)
        case steps.EvalSet(place, attribute, value):
            yield from _check_name(place, attribute)
            yield from _check_value(place, value, beginning)
        case steps.EvalMacro(place, _, value):
            yield from _check_value(place, value, beginning)
        case steps.Copy(place, attribute, name):
            yield from _check_pattern(place, attribute)
            if isinstance(attribute, str) and not name.macros:
                yield from _check_name(place, name.source)
        case steps.Delete(place, attribute):
            yield from _check_pattern(place, attribute)
        case steps.Assign(place, name) if name.source.startswith(("+", "-")):
            message = (
                f"`{name.source} =` makes a macro here; write `SET {name.source[1:]} …` for an attribute"
            )
            yield warning(place, "plus-attribute", message)
        case steps.If(place, condition) | steps.Elif(place, condition):
            yield from _check_condition(place, condition)


def _check_name(place: Place, name: str) -> Iterator[Finding]:
    if find_macro(name):
        yield error(place, "attribute-name", f"macros are not expanded in an attribute's name: `{name}`")
    elif not ATTRIBUTE_NAME.match(name):
        yield error(place, "attribute-name", f"`{name}` cannot be the name of an attribute")


def _check_value(place: Place, value: steps.Text, parse: Callable[[str], Expression]) -> Iterator[Finding]:
    if value.macros and find_macro(value.source):
        return
    try:
        expression = parse(value.source)
    except ExpressionError as fault:
        yield error(place, "expression", f"HTCondor passes this over: {fault}")
        return
    if expression.ignored:
        yield warning(place, "ignored-text", f"`{expression.ignored}` behind the expression is ignored")


def _check_pattern(place: Place, pattern: str | NamePattern) -> Iterator[Finding]:
    if isinstance(pattern, str):
        return
    if not is_pattern(pattern):
        yield error(
            place, "pattern", f"`{pattern.source}` is not a regular expression; HTCondor passes it over"
        )
    elif "g" in pattern.flags:
        message = "the flag g makes the pattern match at the beginning of a name only"
        yield warning(place, "pattern-flag", message)


def _check_condition(place: Place, condition: str) -> Iterator[Finding]:
    text = condition.lstrip("! \t")
    if not find_macro(text):
        if kind_of(text) in (Kind.COMPLEX, Kind.NONE) or (kind_of(text) is Kind.NAME and not _is_truth(text)):
            yield error(
                place, "condition", f"`{text}` is no condition; write EVALMACRO t {text} and `if $(t)`"
            )
        return
    if _is_compared(text):
        message = f"`{condition}` is no condition: only a macro alone is; use EVALMACRO for the comparison"
        yield error(place, "condition", message)


def _is_truth(text: str) -> bool:
    return text.lower() in ("yes", "no", "t", "f", "true", "false")


def _is_compared(text: str) -> bool:
    """Whether there is more than macros, such as `$(a) > 1`."""
    while macro := find_macro(text):
        text = text[: macro.start] + text[macro.end :]
    return any(sign in text for sign in ("<", ">", "==", "!=", "&&", "||", "=?=", "=!="))


def _check_commas(part: Part) -> Iterator[Finding]:
    for line in part.envelope.lines:
        keyword = next_word(line.text, 0)
        name = next_word(line.text, keyword.end) if keyword else None
        if not keyword or not name or not name.text.endswith((",", "=")) or len(name.text) < 2:  # noqa: PLR2004
            continue
        if keyword.text.upper() in ("SET", "DEFAULT", "EVALSET", "EVALMACRO"):
            message = f"HTCondor takes the `{name.text[-1]}` for part of the name; put a blank before it"
            yield warning(line.place, "name-comma", message)
        elif keyword.text.upper() in ("COPY", "RENAME", "DELETE"):
            message = f"HTCondor looks for an attribute `{name.text}`, and finds none"
            yield error(line.place, "name-comma", message)
