"""How each of many pilots differs: a file with a JSON object on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosted_ce.cli.errors import Misuse, Refused

ENTRY = re.compile(r"^( *)pilots\[(\d+)\](\.?)")
"""How the API begins what it says of one pilot of a request."""
DEEPEST = 20
"""Objects and lists in each other. A request has two; near Python's own limit some are read and not sent."""


@dataclass(frozen=True, slots=True)
class Each:
    """The differences, each with the line of the file that it is from."""

    path: Path
    pilots: Sequence[dict[str, Any]]
    lines: Sequence[int]

    def placed(self, error: Refused, start: int) -> Refused:
        """The same error, with the file's lines for entries of a request that began with `pilots[start]`."""
        notes = getattr(error, "__notes__", ())
        said = [self._placed(text, start) for text in (str(error), *notes)]
        return Refused(error.status, *said)

    def _placed(self, text: str, start: int) -> str:
        found = ENTRY.match(text)
        if not found or start + int(found[2]) >= len(self.lines):
            return text
        line = self.lines[start + int(found[2])]
        return f"{found[1]}{self.path}, line {line}{', ' if found[3] else ''}{text[found.end() :]}"


def read_each(path: Path) -> Each:
    """Reads the whole file, and sees that all of it can be sent. Raises Misuse."""
    try:
        lines = path.read_bytes().split(b"\n")  # a text in JSON may have other ends of lines in it
    except OSError as error:
        raise Misuse(f"--each {path} cannot be read: {error.strerror}") from error
    found = {number: _difference(path, number, line) for number, line in enumerate(lines, 1) if line.strip()}
    if not found:
        raise Misuse(f"--each {path} has no lines: write a JSON object for each pilot, or give --count")
    return Each(path, list(found.values()), list(found))


def _difference(path: Path, number: int, line: bytes) -> dict[str, Any]:
    from hosted_ce.api.bodies.strict_json import BadJson, parse

    where = f"--each {path}, line {number}"
    try:
        line.decode("utf-8")
        found = parse(line)
        if _is_deeper(found, DEEPEST):
            raise BadJson("objects and lists are nested too deeply")
        json.dumps(found, allow_nan=False)  # 1e999 can be read
    except UnicodeDecodeError as error:
        raise Misuse(f"{where} is not UTF-8: byte {error.start} is 0x{line[error.start]:02x}") from error
    except BadJson as error:
        raise Misuse(f"{where} cannot be sent: {str(error).replace('at line 1, ', 'at ')}") from error
    except ValueError as error:
        raise Misuse(f"{where}: a number is too large for JSON's readers") from error
    if not isinstance(found, dict):
        raise Misuse(f'{where}: write an object such as {{"arguments": ["-n", "{number}"]}}')
    return found


def _is_deeper(value: Any, most: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return not most or any(_is_deeper(each, most - 1) for each in inner)
