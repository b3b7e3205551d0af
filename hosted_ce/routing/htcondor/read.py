"""Reads configuration files: assignments, here documents, conditionals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hosted_ce.routing.htcondor import syntax
from hosted_ce.routing.htcondor.branches import Branches
from hosted_ce.routing.htcondor.conditions import ConditionError, holds
from hosted_ce.routing.htcondor.config import Config, ConfigScope, Definition, Files, own_names
from hosted_ce.routing.htcondor.lines import Line, logical_lines
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.macros import expand, expand_self
from hosted_ce.routing.htcondor.place import Finding, Place, Severity, shown

_NAME = re.compile(r"[A-Za-z0-9_./]+\Z")
_UNUSABLE = re.compile(r"[\0\ud800-\udfff]")


def read_config(files: Files, base: Mapping[str, str] | None = None) -> Config:
    """Reads all files as one configuration. Later definitions replace earlier ones. Never fails."""
    reader = _Reader({name.lower(): text for name, text in (base or {}).items()})
    for file, text in files:
        reader.read(file, text)
    return Config(reader.macros, tuple(reader.findings), reader.base)


class _Reader:
    def __init__(self, base: Mapping[str, str]) -> None:
        self.macros: dict[str, Definition] = {}
        self.findings: list[Finding] = []
        self.base = base
        self._branches = Branches()
        self._elses: list[bool] = []

    def read(self, file: str, text: str) -> None:
        if found := _UNUSABLE.search(text):
            number = text.count("\n", 0, found.start()) + 1
            self._find(Place(file, number), "unusable-character", "a NUL or half a character is in this line")
            text = _UNUSABLE.sub("", text)
        self._branches, self._elses = Branches(), []
        lines = (line for line in logical_lines(text, file) if not line.is_comment)
        place = Place(file, 1)
        for line in lines:
            place = line.place
            try:
                self._take(line, lines)
            except TooMuch as error:
                self._find(place, "endless-macro", str(error))
        if self._elses:
            self._find(place, "if-structure", "an `if` has no `endif` in this file")

    def _take(self, line: Line, lines: Iterator[Line]) -> None:
        self._check_stray(line)
        form = syntax.form_of(line.text, inside_if=bool(self._elses), transform=False)
        if isinstance(form, syntax.Conditional):
            self._conditional(form, line.place)
        elif self._branches.running:
            self._definition(form, line, lines)

    def _definition(self, form: syntax.Form, line: Line, lines: Iterator[Line]) -> None:
        match form:
            case syntax.Assignment(name, value, junk):
                if junk:
                    self._warn(line.place, "text-before-equals", f"`{junk}` before the operator is ignored")
                self._define(name, line.place, (Line(value, line.place),))
            case syntax.Appending(name, value, glue):
                present = Config(self.macros, (), self.base).lookup(self._expand(name))
                text = f"{present}{glue}{value}" if present else value
                self._define(name, line.place, (Line(text, line.place),))
            case syntax.HereDocument(name, tag):
                self._here_document(name, tag, line.place, lines)
            case syntax.Directive():
                self._directive(form, line.place)
            case syntax.Other(text) if not text.startswith("["):
                self._find(line.place, "syntax", f"`{shown(text)}` is no assignment")

    def _define(self, name: str, place: Place, lines: tuple[Line, ...]) -> None:
        name = self._expand(name)
        if not _NAME.match(name):
            self._find(place, "syntax", f"`{shown(name)}` cannot be the name of a macro")
            return
        self.macros[name.lower()] = Definition(name, place, tuple(self._with_self(name, place, lines)))

    def _with_self(self, name: str, place: Place, lines: tuple[Line, ...]) -> Iterator[Line]:
        """The lines with references to the macro itself replaced. Where one is all of a line, places stay."""
        names = own_names(name)
        scope = self._scope()
        for line in lines:
            itself = next((own for own in names if line.text.lower() == f"$({own})"), None)
            before = scope.config.find(itself) if itself else None
            if before:
                yield from before.lines or [Line("", line.place)]
            else:
                text = expand_self(line.text, names, scope)
                yield from (Line(part, line.place, line.stray) for part in text.split("\n"))

    def _here_document(self, name: str, tag: str, place: Place, lines: Iterator[Line]) -> None:
        content: list[Line] = []
        for line in lines:
            if line.text == f"@{tag}":
                self._define(name, place, tuple(content))
                return
            self._check_stray(line)
            content.append(line)
        self._find(place, "here-document", f"there is no line `@{tag}` behind this one")

    def _check_stray(self, line: Line) -> None:
        if line.stray:
            self._warn(line.place, "stray-comment", f"`{line.stray}` of a comment is taken for part of it")

    def _directive(self, form: syntax.Directive, place: Place) -> None:
        what = f"{form.word} {form.argument}".strip()
        if form.word == "error":
            self._find(place, "error-directive", f"the configuration says: {form.value}")
        elif form.word == "warning":
            self._warn(place, "warning-directive", f"the configuration says: {form.value}")
        else:
            self._warn(place, "not-read", f"`{what} : {shown(form.value)}` is not followed here")

    def _conditional(self, form: syntax.Conditional, place: Place) -> None:
        if form.word == "if":
            self._elses.append(False)
            self._branches.begin(lambda: self._holds(form.condition, place))
        elif not self._elses:
            self._find(place, "if-structure", f"`{form.word}` has no `if` before it")
        elif form.word == "endif":
            self._elses.pop()
            self._branches.end()
        elif self._elses[-1]:
            self._find(place, "if-structure", f"`{form.word}` comes after `else`")
        else:
            self._elses[-1] = form.word == "else"
            self._branches.turn(lambda: form.word == "else" or self._holds(form.condition, place))

    def _holds(self, condition: str, place: Place) -> bool:
        try:
            return holds(condition, self._scope())
        except ConditionError as error:
            self._find(place, "condition", str(error))
        except TooMuch as error:
            self._find(place, "endless-macro", str(error))
        return False

    def _scope(self) -> ConfigScope:
        return ConfigScope(Config(self.macros, (), self.base))

    def _expand(self, text: str) -> str:
        return expand(text, self._scope())

    def _find(self, place: Place, code: str, message: str, severity: Severity = "error") -> None:
        self.findings.append(Finding(place, severity, code, message))

    def _warn(self, place: Place, code: str, message: str) -> None:
        self._find(place, code, message, "warning")
