"""Writes a site file's keys and values as YAML, with comments where a person would put them.

What is written is read back as exactly the same keys and values by `hosted_ce.site.positions.parse_yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hosted_ce.site.errors import Loc

_PLAIN = re.compile(r"[A-Za-z/~](?:[A-Za-z0-9_./@+~-]|:(?=[A-Za-z0-9/]))*")
_PHRASE = re.compile(r"[A-Za-z0-9_./@+~-]+(?: [A-Za-z0-9_./@+-]+)*")
_WORDS_OF_YAML = re.compile(r"(?:~|null|true|false|yes|no|on|off|y|n)\Z", re.IGNORECASE)
_EXPRESSION = re.compile(r"[A-Za-z(][^\x00-\x1f\x7f-\U0010ffff#:]*[^\s\x00-\x1f\x7f-\U0010ffff#:]")
_NUMBER_WITH_UNIT = re.compile(r"[0-9]+ ?(?:[dhms]|[MGT]B)(?: [0-9]+[dhms])*")
_COLUMN = 36
_SPECIAL = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


@dataclass(slots=True)
class Remarks:
    """Comments: lines above a value's line, text beside it, lines after all of it."""

    above: dict[Loc, list[str]] = field(default_factory=dict)
    beside: dict[Loc, str] = field(default_factory=dict)
    below: dict[Loc, list[str]] = field(default_factory=dict)


def render(data: Mapping[str, object], remarks: Remarks, head: Sequence[str] = ()) -> str:
    """The text, with comments at its head. Values are texts, numbers, truths, lists and groups of keys."""
    lines = [_comment(line, "") for line in head]
    for key, value in data.items():
        if lines and (isinstance(value, dict | list) or (key,) in remarks.above):
            lines.append("")
        lines += _entry(key, value, (key,), "", remarks)
    return "\n".join(lines) + "\n"


def _entry(key: str, value: object, loc: Loc, indent: str, remarks: Remarks) -> Iterator[str]:
    yield from (_comment(line, indent) for line in remarks.above.get(loc, ()))
    yield from _value(f"{indent}{spell(key)}:", value, loc, indent, remarks)
    yield from (_comment(line, indent) for line in remarks.below.get(loc, ()))


def _value(start: str, value: object, loc: Loc, indent: str, remarks: Remarks) -> Iterator[str]:
    beside = remarks.beside.get(loc, "")
    if isinstance(value, Mapping) and value:
        yield _with_comment(start, beside)
        for key, inner in value.items():
            yield from _entry(key, inner, (*loc, key), f"{indent}  ", remarks)
    elif isinstance(value, list | tuple) and value:
        yield _with_comment(start, beside)
        for index, item in enumerate(value):
            yield from _item(item, (*loc, index), f"{indent}  ", remarks)
    elif isinstance(value, str) and _is_block(value):
        yield _with_comment(f"{start} |", beside)
        yield from (f"{indent}  {line}".rstrip(" ") for line in value.rstrip("\n").split("\n"))
    else:
        yield _with_comment(f"{start} {spell(value)}", beside)


def _item(item: object, loc: Loc, indent: str, remarks: Remarks) -> Iterator[str]:
    yield from (_comment(line, indent) for line in remarks.above.get(loc, ()))
    if isinstance(item, Mapping) and item:
        lines = [
            line
            for key, value in item.items()
            for line in _entry(key, value, (*loc, key), f"{indent}  ", remarks)
        ]
        first = next(index for index, line in enumerate(lines) if not line.lstrip().startswith("#"))
        yield from (line[2:] for line in lines[:first])
        yield f"{indent}- {lines[first].lstrip()}"
        yield from lines[first + 1 :]
    elif isinstance(item, list | tuple) and item:
        yield f"{indent}-"
        for index, inner in enumerate(item):
            yield from _item(inner, (*loc, index), f"{indent}  ", remarks)
    else:
        yield _with_comment(f"{indent}- {spell(item)}", remarks.beside.get(loc, ""))
    yield from (_comment(line, indent) for line in remarks.below.get(loc, ()))


def _comment(text: str, indent: str) -> str:
    return f"{indent}# {_safe(text)}".rstrip()


def _with_comment(line: str, comment: str) -> str:
    return (
        f"{line:<{_COLUMN}}# {_safe(comment)}"
        if comment and len(line) < _COLUMN
        else (f"{line}  # {_safe(comment)}" if comment else line)
    )


def _safe(text: str) -> str:
    """A comment has one line, and no characters that YAML refuses."""
    return "".join(character if character.isprintable() else " " for character in text)


def spell(value: object) -> str:
    """A value on one line: plain where YAML of any version reads it as it is, else in quotes."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return value if _is_plain(value) else _quoted(value)
        case Mapping():
            return "{}"
        case list() | tuple():
            return "[]"
        case _:
            raise TypeError(f"a site file has no values of {type(value).__name__}")


def _is_block(text: str) -> bool:
    """Lines that are what they are below a `|`: nothing at their ends or before the first gets lost."""
    if not text.endswith("\n") or text.endswith("\n\n") or not text.isascii():
        return False
    lines = text[:-1].split("\n")
    kept = all(line.isprintable() and line == line.rstrip(" ") for line in lines)
    return kept and lines[0] != "" and not lines[0].startswith(" ")


def _is_plain(text: str) -> bool:
    if _WORDS_OF_YAML.match(text) or len(text) > 400:  # noqa: PLR2004
        return False
    return bool(_PLAIN.fullmatch(text) or _NUMBER_WITH_UNIT.fullmatch(text) or _plain_phrase(text))


def _plain_phrase(text: str) -> bool:
    """Several words, or an expression: nothing in it means something to YAML."""
    words = _PHRASE.fullmatch(text) and text[0].isalpha() and " " in text
    return bool(words or (_EXPRESSION.fullmatch(text) and " " in text))


def _quoted(text: str) -> str:
    if re.search(r'["\\]', text) and "'" not in text and text.isprintable():
        return f"'{text}'"
    return '"' + "".join(_character(character) for character in text) + '"'


def _character(character: str) -> str:
    code = ord(character)
    if special := _SPECIAL.get(character):
        return special
    if character.isprintable():
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004
