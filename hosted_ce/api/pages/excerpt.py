"""The beginning and the end of a pilot's output, as text that is safe to look at. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

HEAD, TAIL = 4_000, 24_000
"""Bytes of the beginning and of the end. The end says more: it is where things go wrong."""
LINE = 400
"""A piece is cut at the end of a line, if there is one within so many bytes."""
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"} | {0x7F: 0x2421}
_ODD = re.compile(r"[^\x20-\x7e\t\n]")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """An output; `tail` is None when `head` is all of it. Sizes in bytes."""

    head: str
    left_out: int
    tail: str | None
    size: int


def excerpt(data: bytes) -> Excerpt:
    """What is to be shown of an output."""
    if len(data) <= HEAD + TAIL:
        return Excerpt(visible(data), 0, None, len(data))
    end, begin = _line_end(data, HEAD), _line_begin(data, len(data) - TAIL)
    return Excerpt(visible(data[:end]), begin - end, visible(data[begin:]), len(data))


def visible(data: bytes) -> str:
    """Bytes as text: control characters as their pictures, what reorders or hides text as a question mark."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").translate(_PICTURES)
    return _ODD.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(found[0]) in ("Cc", "Cf") else found[0]


def _line_end(data: bytes, place: int) -> int:
    found = data.rfind(b"\n", place - LINE, place)
    return place if found < 0 else found + 1


def _line_begin(data: bytes, place: int) -> int:
    found = data.find(b"\n", place, place + LINE)
    return place if found < 0 else found + 1
