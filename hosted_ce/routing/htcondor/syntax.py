"""What a line of a configuration or of a transform is, by its form alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLANKS = " \t\n\r\f\v"
_CONDITIONAL = re.compile(r"(if|elif|else|endif)(?:\s+(.*))?\Z", re.IGNORECASE | re.ASCII | re.DOTALL)
_FIRST = re.compile(r"[^\s=:]*", re.ASCII)
_OPERATOR = re.compile(r"[=:@+]")
_APPEND = re.compile(r"\+(?:([,;|&*])(\1?))?=")


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if`, `elif`, `else` or `endif`, in lower case, and what follows it."""

    word: str
    condition: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME = value`. `name` may have macros in it, `junk` is text between name and operator."""

    name: str
    value: str
    junk: str = ""


@dataclass(frozen=True, slots=True)
class Appending:
    """`NAME += value`: the value goes behind the present one, with the glue between them."""

    name: str
    value: str
    glue: str


@dataclass(frozen=True, slots=True)
class HereDocument:
    """`NAME @=tag`: the lines up to `@tag` are the value."""

    name: str
    tag: str


@dataclass(frozen=True, slots=True)
class Directive:
    """`use`, `include`, `error` or `warning`, in lower case, with what is before and behind the colon."""

    word: str
    argument: str
    value: str


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else: a statement of a transform."""

    text: str


Form = Conditional | Assignment | Appending | HereDocument | Directive | Other


def form_of(line: str, *, inside_if: bool, transform: bool) -> Form:
    """The form of one logical line that is neither empty nor a comment.

    In a transform `NAME word = …` is a statement; elsewhere it is an assignment to NAME.
    """
    if line.startswith(":") and (inside_if or re.match(r":if(\s|\Z)", line)):
        line = line[1:]
    if found := _CONDITIONAL.match(line):
        return Conditional(found[1].lower(), found[2] or "")
    first = _FIRST.match(line)
    name = first[0] if first else ""
    if name == line:
        return Other(line)
    return _with_operator(line, name, transform=transform)


def _with_operator(line: str, name: str, *, transform: bool) -> Form:
    behind = line[len(name) :].lstrip(_BLANKS)
    begins = _OPERATOR.match(behind) is not None
    found = _OPERATOR.search(line, len(name))
    at = found.start() if found else len(line)
    junk = "" if begins else line[len(name) : at].strip(_BLANKS)
    operator = line[at : at + 1]
    word = name.removeprefix("@").lower()
    if operator == ":" and word in ("use", "include", "error", "warning"):
        return Directive(word, junk, line[at + 1 :].strip(_BLANKS))
    if transform and junk:
        return Other(line)
    return _assignment(line, name, at, junk, transform=transform)


def _assignment(line: str, name: str, at: int, junk: str, *, transform: bool) -> Form:
    if line.startswith("=", at) or (line.startswith(":", at) and not transform):
        if transform and name.lower() == "queue":
            return Other(line)
        return Assignment(name, line[at + 1 :].lstrip(_BLANKS), junk)
    if line.startswith("@=", at):
        return HereDocument(name, line[at + 2 :].lstrip(_BLANKS))
    if append := _APPEND.match(line, at):
        glue = f" {append[1]}{append[2]} " if append[2] else append[1] or " "
        return Appending(name, line[append.end() :].lstrip(_BLANKS), glue)
    return Other(line)
