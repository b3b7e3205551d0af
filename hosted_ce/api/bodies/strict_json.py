"""JSON that means one thing only (RFC 7493, I-JSON)."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

SHOWN = 60
ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class BadJson(ValueError):
    """The text is not JSON, or is JSON that readers understand differently."""


def parse(body: bytes) -> Any:
    """The value that `body` spells in UTF-8. Raises BadJson with what is wrong and where."""
    text = _text(body)
    try:
        return _read(text)
    except json.JSONDecodeError as error:
        raise BadJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise BadJson("objects and lists are nested too deeply") from error
    except BadJson:
        raise
    except ValueError as error:  # Python refuses to read integers of thousands of digits
        raise BadJson("a number has too many digits") from error


def _read(text: str) -> Any:
    value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    if ESCAPED_SURROGATE.search(text):
        _refuse_half_characters(value)
    return value


def _text(body: bytes) -> str:
    if not body.strip():
        raise BadJson("the body is empty: send a JSON object")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJson(
            f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}. File contents are sent "
            "as base64, or with PUT /api/v1/files/{sha256}"
        ) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise BadJson(f"the key {json.dumps(_doubled(pairs)[:SHOWN])} is given twice in one object")
    return value


def _doubled(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    raise ValueError("no key is given twice")


def _refuse_constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is not JSON")


def _refuse_half_characters(value: Any) -> None:
    # An escape such as \ud800 alone is no character: it cannot be stored, compared or sent on.
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadJson(
            "a text has half of a surrogate pair (\\ud800 to \\udfff), which is no character"
        ) from error
