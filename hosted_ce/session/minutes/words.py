"""Times, people and texts as minutes have them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_|<>[]#"})
_CODE = re.compile(r"((?<!`)`(?!`)[^`]*(?<!`)`(?!`))")
"""Between single backticks. Markdown pairs runs of the same length: longer ones are not ours."""


def day(seconds: float) -> str:
    """`26 November 2026`, in UTC."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.day} {moment:%B %Y}"


def clock(seconds: float) -> str:
    """`14:05`, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M}"


def length(seconds: float) -> str:
    """`1 h 47 min`, `12 min`."""
    minutes = max(0, round(seconds / 60))
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004


def person(actor: str) -> str:
    """Who it was, without the door by which the word came."""
    return escaped(actor.partition(":")[2] or actor)


def escaped(text: str) -> str:
    """The text on one line, so that nothing but `code` in it is Markdown, and no terminal obeys it."""
    parts = _CODE.split(" ".join("".join(map(_visible, word)) for word in text.split()))
    return "".join(part if number % 2 else part.translate(_SPECIAL) for number, part in enumerate(parts))


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def sentence(text: str) -> str:
    """It ends as a sentence does."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
