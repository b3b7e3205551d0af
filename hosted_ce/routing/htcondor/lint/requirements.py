"""REQUIREMENTS that do not mean what they look like."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hosted_ce.routing.classad import ExpressionError, spell_new
from hosted_ce.routing.htcondor.expressions import Expression, beginning
from hosted_ce.routing.htcondor.lint.parts import Part, Subject, error, warning
from hosted_ce.routing.htcondor.place import Finding
from hosted_ce.routing.htcondor.references import find_macro
from hosted_ce.routing.htcondor.steps import Requirements


def check(subject: Subject) -> Iterator[Finding]:
    """All rules of this module."""
    for part in subject.parts:
        yield from _check_lines(part)
        wanted = part.program.requirements
        if wanted is None:
            continue
        if wanted.expression is None:
            yield error(wanted.place, "requirements", f"`{wanted.text}` is not a ClassAd expression")
            continue
        yield from _check_text(wanted, wanted.expression)
        if part.kind == "route":
            yield from _check_query(wanted, wanted.expression)


def _check_text(wanted: Requirements, expression: Expression) -> Iterator[Finding]:
    if "target" in scopes(expression):
        message = "`TARGET.` is nothing here, so that this is never true; write the attribute's name alone"
        yield warning(wanted.place, "requirements-target", message)
    if find_macro(wanted.text):
        message = "macros are not expanded in REQUIREMENTS: the text is compared as it stands"
        yield warning(wanted.place, "requirements-macro", message)
    if expression.ignored:
        yield warning(
            wanted.place, "ignored-text", f"`{expression.ignored}` behind the expression is ignored"
        )


def _check_query(wanted: Requirements, expression: Expression) -> Iterator[Finding]:
    if "my" in scopes(expression):
        message = (
            "`MY.` is nothing in HTCondor's first query, so that this route gets only pilots that another "
            "route's REQUIREMENTS let in; write the attribute's name alone"
        )
        yield warning(wanted.place, "requirements-my", message)
    try:
        query = beginning(f"({wanted.text})")
    except ExpressionError:
        message = "HTCondor's job router ends itself over this text: a comment, or an escape that is none"
        yield error(wanted.place, "requirements-fatal", message)
        return
    if spell_new(query.tree) != f"({spell_new(expression.tree)})":
        message = (
            "a backslash here is read in two ways, and both must match; in regular expressions write [.] for "
            r"\. and [0-9] for \d"
        )
        yield warning(wanted.place, "requirements-backslash", message)


def scopes(expression: Expression) -> set[str]:
    """The scopes that attributes are named with, in lower case."""
    return {
        scope.text.lower()
        for scope, dot in pairwise(expression.tokens)
        if scope.kind == "word" and dot.kind == "mark" and dot.text == "."
    }


def _check_lines(part: Part) -> Iterator[Finding]:
    taken = {line.place for line in part.envelope.taken}
    seen = ""
    depth = 0
    for line in part.definition.lines:
        word = next(iter(line.text.split(None, 1)), "").lower()
        depth += {"if": 1, ":if": 1, "endif": -1, ":endif": -1}.get(word, 0)
        if line.place not in taken:
            continue
        if depth > 0:
            message = f"{word.upper()} counts whatever the `if` around it says"
            yield warning(line.place, "envelope-in-if", message)
        if word == "requirements" and seen:
            yield warning(
                line.place, "requirements-twice", "only the last REQUIREMENTS counts: this one so far"
            )
        seen = seen or (word if word == "requirements" else "")
    if part.envelope.unread:
        message = "nothing behind a TRANSFORM line is read"
        yield warning(part.envelope.unread[0].place, "behind-transform", message)
