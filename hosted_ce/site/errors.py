"""What can be wrong with a site file, and how it is told.

ValueError
  BadValue         one value is wrong; raised by the checks of single values
Exception
  SiteFileError    a file cannot be used; carries every `Problem` found in it
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]

Loc = tuple[str | int, ...]
"""Where a value is in the file: keys and list indexes from the top, as in `("routes", 0, "name")`."""

_LONGEST_QUOTE = 60
_PRIVATE = {"environment", "prologue"}


class BadValue(ValueError):
    """A value is not acceptable: `message` says why, `hint` says what to write instead and may be empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a site file.

    `path` is the value's place as in `routes[0].request.walltime`; it is empty when the whole file is meant.
    `line` and `column` count from 1, and are None when there is no text to point at (a file that is missing).
    """

    path: str
    line: int | None
    column: int | None
    message: str
    hint: str = ""
    severity: Severity = "error"

    def describe(self, file: Path | str) -> str:
        """One line in the form that editors and compilers share: `FILE:LINE:COLUMN: PATH: MESSAGE; HINT`."""
        place = str(file) if self.line is None else f"{file}:{self.line}:{self.column}"
        parts = [place, "warning" if self.severity == "warning" else "", self.path, self.message]
        text = ": ".join(part for part in parts if part)
        return f"{text}; {self.hint}" if self.hint else text


class SiteFileError(Exception):
    """A site file cannot be used. `file` is its path, `problems` says why, in the order of the lines."""

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(problem.describe(file) for problem in problems))
        self.file = file
        self.problems = tuple(problems)


def in_file_order(problems: Sequence[Problem]) -> list[Problem]:
    """The problems sorted by line and column; those of the whole file come first."""
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))


def spell_path(loc: Loc) -> str:
    """A place in the file as a person reads it: `clusters.main.login[0].host`."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"[A-Za-z0-9_-]+", part):
            text += f".{part}"
        else:
            text += f"[{quote(part)}]"
    return text.removeprefix(".")


def quote(text: str) -> str:
    """The text in double quotes, on one line and shortened, safe to show in a log or a terminal."""
    shown = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."
    return json.dumps(shown, ensure_ascii=not shown.isprintable())


def is_private(loc: Loc) -> bool:
    """Whether what stands there may be a secret, so that no message shows it: problems are public."""
    return not _PRIVATE.isdisjoint(loc)


def name_kind(value: object) -> str:
    """What a value read from YAML is, without showing it."""
    match value:
        case bool():
            return "true or false"
        case str():
            return "text"
        case int():
            return "a number"
        case _:
            return name_value(value)


def name_value(value: object) -> str:
    """A value read from YAML, named for a message: `"text"`, `the number 5`, `a list`, `keys and values`."""
    match value:
        case None:
            return "an empty value"
        case bool():
            return f"the value {str(value).lower()}"
        case str():
            return quote(value)
        case int():
            return f"the number {value}"
        case list() | tuple():
            return "a list"
        case _:
            return "a group of keys"
