"""What PyYAML says about a text that it cannot read, put in words that help."""

from __future__ import annotations

import re

import yaml

from hosted_ce.site.errors import Problem
from hosted_ce.site.paths import PRIVATE_KEY, pasted_key
from hosted_ce.site.positions import Position

_HINTS = {
    "'\\t'": "indent with spaces; there is a tab here",
    "mapping values are not allowed": "check the indentation; quote text that has a colon and a space in it",
    "could not find expected ':'": "check for a missing colon after a key, here or on the line above",
    "expected <block end>": "check the indentation: keys that belong together begin in the same column",
    "while scanning a quoted scalar": "check for a quote that is not closed",
    "cannot start any token": "quote text that begins with a special character",
    "expected a single document": "one file has one site; take the --- out",
}
_TAG_HANDLE = re.compile(r"(?<=tag handle) '.*'")
"""Of text that begins with ! and is not quoted: it may be a password."""


def explain_syntax(error: yaml.MarkedYAMLError | yaml.reader.ReaderError, text: str) -> list[Problem]:
    """The problems of a text that is not YAML; a private key pasted into it is told first."""
    problems = []
    if key := PRIVATE_KEY.search(text):
        place, fault = locate(text, key.start()), pasted_key()
        problems.append(Problem("", place.line, place.column, fault.message, fault.hint))
    problems.append(_explain(error, text))
    return problems


def locate(text: str, index: int) -> Position:
    """Line and column of a character of the text."""
    before = text[:index]
    return Position(before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def _explain(error: yaml.MarkedYAMLError | yaml.reader.ReaderError, text: str) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        place = locate(text, error.position)
        return Problem(
            "",
            place.line,
            place.column,
            "a control character is in the text",
            "delete the character at this place",
        )
    mark = error.problem_mark or error.context_mark
    said = ", ".join(part for part in (error.context, error.problem) if part)
    said = _TAG_HANDLE.sub("", said)
    hint = error.note or next((hint for clue, hint in _HINTS.items() if clue in said), "")
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem("", line, column, f"not readable as YAML: {said}", hint)
