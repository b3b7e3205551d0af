"""What pydantic finds wrong with a request, in words that a person can act on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hosted_ce.api.problems.problem import FieldError

MAX_ERRORS = 50
MAX_PART = 80
MAX_MESSAGE = 500
KEY_MARK = "[key]"
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here; check its spelling, or leave it out",
    "string_type": "must be a text",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number that fits in 64 bits",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be one of: {expected}",
    "value_error": "{error}",
}


def field_errors(found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """pydantic's errors as ours: at most 50, none with more than a glimpse of what was sent."""
    errors = [FieldError(path=path_of(each["loc"]), message=_message(each)) for each in found[:MAX_ERRORS]]
    if more := len(found) - len(errors):
        errors.append(FieldError(path="", message=f"and {more} more errors"))
    return errors


def path_of(loc: Iterable[int | str]) -> str:
    """A location as a path: ("inputs", 0, "name") is inputs[0].name."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != KEY_MARK:
            path += _named(part, first=not path)
    return path


def _named(part: str, *, first: bool) -> str:
    if PLAIN.match(part) and len(part) <= MAX_PART:
        return part if first else f".{part}"
    return f"[{json.dumps(_short(part, MAX_PART), ensure_ascii=False)}]"


def _message(error: Mapping[str, Any]) -> str:
    words = _WORDS.get(error["type"])
    text = words.format_map(error.get("ctx", {})) if words else str(error["msg"])
    return _short(text, MAX_MESSAGE)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
