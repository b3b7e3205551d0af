"""Reads what the command line says as NAME=VALUE, and amounts with units. Raises Misuse."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from hosted_ce.cli.errors import Misuse

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_FLOAT = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]+)?\Z")
_TRUTHS = {"true": True, "false": False}
_SECONDS_PER_MINUTE = 60

Scalar = bool | int | float | str


def parse_pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    """Names and values of an option that is given as NAME=VALUE, each name once."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise Misuse(f"{option} {text!r}: write NAME=VALUE")
        if name in found:
            raise Misuse(f"{option} gives {name} twice")
        found[name] = value
    return found


def parse_scalar(text: str) -> Scalar:
    """A ClassAd value: a number, true or false, or else a string, which may be put in double quotes.

    Raises Misuse for a number that is too large.
    """
    if text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        return _finite(text)
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return text


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Misuse(f"{text} is too large for a number; in double quotes it is a text")
    return number


def megabytes(text: str, option: str) -> int:
    """An amount of memory such as `4GB`, in MB."""
    from hosted_ce.site import BadValue, parse_memory

    try:
        return parse_memory(text)
    except BadValue as error:
        raise Misuse(f"{option}: {error}") from error


def minutes(text: str, option: str) -> int:
    """A duration such as `2h`, in minutes, rounded up: less time than asked for would kill the pilot."""
    from hosted_ce.site import BadValue, parse_duration

    try:
        return -(-parse_duration(text) // _SECONDS_PER_MINUTE)
    except BadValue as error:
        raise Misuse(f"{option}: {error}") from error
