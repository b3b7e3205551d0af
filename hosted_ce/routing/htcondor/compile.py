"""Compiles the text of a transform or route into steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hosted_ce.routing.htcondor import steps, syntax
from hosted_ce.routing.htcondor.envelope import Envelope, open_envelope
from hosted_ce.routing.htcondor.lines import Line
from hosted_ce.routing.htcondor.place import Place
from hosted_ce.routing.htcondor.statements import step_of

DEEPEST_IF = 63


def compile_program(name: str, place: Place, lines: Sequence[Line]) -> steps.Program:
    """The steps of a transform's lines. Never fails: what is wrong becomes a Broken step at its place."""
    return seal(name, place, open_envelope(lines))


def seal(name: str, place: Place, envelope: Envelope) -> steps.Program:
    """The same, for lines whose envelope was opened."""
    compiled = _Compiler(place).compile(envelope.lines)
    return steps.Program(name, place, envelope.requirements, envelope.universe, tuple(compiled))


class _Compiler:
    """Follows the ifs and here documents of a text."""

    def __init__(self, place: Place) -> None:
        self._last = place
        self._elses: list[bool] = []

    def compile(self, lines: Sequence[Line]) -> list[steps.Step]:
        """All steps; those behind a fault in the ifs are left out, since none of them is ever reached."""
        compiled: list[steps.Step] = []
        remaining = iter([line for line in lines if not line.is_comment])
        for line in remaining:
            self._last = line.place
            if step := self._step(line, remaining):
                compiled.append(step)
            if isinstance(step, steps.Broken) and step.always:
                return compiled
        if self._elses:
            compiled.append(steps.Broken(self._last, "an `if` has no `endif`", always=True))
        return compiled

    def _step(self, line: Line, remaining: Iterator[Line]) -> steps.Step | None:
        form = syntax.form_of(line.text, inside_if=bool(self._elses), transform=True)
        match form:
            case syntax.Conditional():
                step = self._conditional(form, line.place)
            case syntax.HereDocument():
                step = self._here_document(line, form, remaining)
            case syntax.Assignment(name, value):
                step = steps.Assign(line.place, steps.Text.of(name), value)
            case syntax.Appending(name, value, glue):
                step = steps.Assign(line.place, steps.Text.of(name), value, glue)
            case syntax.Directive():
                return _directive(form, line.place)
            case syntax.Other(text):
                return step_of(text, line.place)
        return step

    def _conditional(self, form: syntax.Conditional, place: Place) -> steps.Step:
        if fault := self._fault_of(form.word):
            return steps.Broken(place, fault, always=True)
        match form.word:
            case "if":
                self._elses.append(False)
                return steps.If(place, form.condition)
            case "elif":
                return steps.Elif(place, form.condition)
            case "else":
                self._elses[-1] = True
                return steps.Else(place)
            case _:
                self._elses.pop()
                return steps.EndIf(place)

    def _fault_of(self, word: str) -> str:
        if word == "if":
            deep = len(self._elses) >= DEEPEST_IF
            return f"more than {DEEPEST_IF} ifs are within each other" if deep else ""
        if not self._elses:
            return f"`{word}` has no `if` before it"
        return f"`{word}` comes after `else`" if word != "endif" and self._elses[-1] else ""

    def _here_document(self, line: Line, form: syntax.HereDocument, remaining: Iterator[Line]) -> steps.Step:
        content: list[str] = []
        for following in remaining:
            self._last = following.place
            if following.text == f"@{form.tag}":
                return steps.Assign(line.place, steps.Text.of(form.name), "\n".join(content))
            content.append(following.text)
        return steps.Broken(line.place, f"there is no line `@{form.tag}` for it", always=True)


def _directive(form: syntax.Directive, place: Place) -> steps.Step | None:
    match form.word:
        case "warning":
            return None
        case "error":
            return steps.Broken(place, f"error: {form.value}")
        case word:
            return steps.Broken(place, f"`{word} :` cannot be in a transform")
