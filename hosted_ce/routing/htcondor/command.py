"""Arguments and environment as HTCondor writes them into job ads: the old syntax and the new one. Pure.

Source: HTCondor's manual, condor_submit, `arguments` and `environment`. In ads, the new ("V2") syntax is in
Arguments and Environment, raw, without the double quotes around it; the old ("V1") is in Args and Env.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BLANKS = " \t\n\r\v\f"
DEFAULT_DELIMITER = ";"


class Unreadable(ValueError):
    """The text does not follow HTCondor's syntax."""


def arguments_of(ad: Mapping[str, Any]) -> tuple[str, ...]:
    """The job's arguments, one by one. Raises Unreadable."""
    if isinstance(text := ad.get("Arguments"), str):
        return tuple(words(text))
    text = ad.get("Args")
    return tuple(_split(text)) if isinstance(text, str) else ()


def environment_of(ad: Mapping[str, Any]) -> dict[str, str]:
    """The job's environment. Raises Unreadable."""
    if isinstance(text := ad.get("Environment"), str):
        return dict(_pair(word) for word in words(text))
    text = ad.get("Env")
    if not isinstance(text, str):
        return {}
    delimiter = ad.get("EnvDelim") or DEFAULT_DELIMITER
    return dict(_pair(part) for part in text.split(str(delimiter)) if part.strip(BLANKS))


def words(text: str) -> list[str]:
    """Words of the new syntax: parted by blanks; '...' keeps blanks, and '' in it is one single quote."""
    found: list[str] = []
    word: str | None = None
    at = 0
    while at < len(text):
        character = text[at]
        if character == "'":
            quoted, at = _quoted(text, at + 1)
            word = (word or "") + quoted
        elif character in BLANKS:
            found += [] if word is None else [word]
            word, at = None, at + 1
        else:
            word, at = (word or "") + character, at + 1
    return found if word is None else [*found, word]


def _quoted(text: str, begin: int) -> tuple[str, int]:
    """The quoted text that begins there, and where it is over."""
    parts, at = [], begin
    while True:
        end = text.find("'", at)
        if end < 0:
            raise Unreadable(f"the single quote at position {begin - 1} is never closed")
        parts.append(text[at:end])
        if text[end + 1 : end + 2] != "'":
            return "'".join(parts), end + 1
        at = end + 2


def _split(text: str) -> list[str]:
    return [word for word in "".join(" " if c in BLANKS else c for c in text).split(" ") if word]


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.lstrip(BLANKS).partition("=")
    if not equals or not name:
        raise Unreadable(f"an environment variable is written NAME=value, not {text!r:.80}")
    return name, value


def spell_environment(environment: Mapping[str, str]) -> str:
    """An environment in the new syntax, raw, as `environment_of` reads it."""
    return " ".join(_spelled(f"{name}={value}") for name, value in environment.items())


def _spelled(word: str) -> str:
    if word and not any(character in BLANKS or character == "'" for character in word):
        return word
    return "'" + word.replace("'", "''") + "'"
