"""Numbers and truth values as HTCondor reads them from a configuration: literal, or an expression."""

from __future__ import annotations

import math
import re
from typing import Any

from hosted_ce.routing.classad import Ad, EvaluationFailed, ExpressionError
from hosted_ce.routing.htcondor.expressions import whole

_INTEGER = re.compile(r"\s*([+-]?)0*(\d*)\s*\Z", re.ASCII)
_REAL = re.compile(
    r"\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)\s*\Z", re.ASCII | re.IGNORECASE
)
_HEX = re.compile(
    r"\s*[+-]?0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[+-]?\d+)?\s*\Z", re.ASCII | re.IGNORECASE
)
_TRUTH = re.compile(r"(true|1|false|0)\s*\Z", re.ASCII | re.IGNORECASE)
_LEAST, _MOST = -(2**63), 2**63 - 1
_MOST_REAL = math.nextafter(2**63, 0)
_DIGITS = 20


def read_integer(text: str) -> int | None:
    """A whole number of 64 bits, or what an expression without attributes comes to; None if it is none."""
    if (literal := _INTEGER.match(text)) and any(character.isdigit() for character in text):
        size = int(literal[2] or 0) if len(literal[2]) < _DIGITS else _MOST + 1
        return max(_LEAST, min(_MOST, -size if literal[1] == "-" else size))
    value = _number(text)
    if isinstance(value, float):
        return int(value) if _LEAST <= value <= _MOST_REAL else _LEAST  # as x86 converts them
    return None if value is None else int(value)


def read_real(text: str) -> float | None:
    """A real number, or what an expression without attributes comes to; None if it is none."""
    if _REAL.match(text):
        return float(text)
    if _HEX.match(text):
        return _from_hex(text)
    value = _number(text)
    return None if value is None else float(value)


def _from_hex(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        return -math.inf if "-" in text.partition("0")[0] else math.inf


def read_truth(text: str) -> bool | None:
    """true, false, 1, 0, or what an expression without attributes comes to; None if it is neither."""
    if literal := _TRUTH.match(text):
        return literal[1].lower() in ("true", "1")
    value = _number(text)
    return None if value is None else bool(value)


def _number(text: str) -> bool | int | float | None:
    try:
        value: Any = Ad().evaluate(whole(text).tree)
    except (ExpressionError, EvaluationFailed):
        return None
    good = isinstance(value, bool | float) or type(value) is int
    return value if good else None
