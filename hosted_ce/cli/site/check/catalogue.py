"""The checks that there are, in lines for a person."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from hosted_ce.checks.catalogue import CATALOGUE, UnknownCheck, kind_of
from hosted_ce.cli.errors import Misuse

WIDTH = 100


def list_lines() -> Iterator[str]:
    """One line for each check."""
    wide = max(len(kind.name) for kind in CATALOGUE.values())
    for kind in CATALOGUE.values():
        yield f"{kind.id:7} {kind.name:{wide}}  {kind.title} ({kind.where})"


def explanation_lines(word: str) -> Iterator[str]:
    """All about one, by id or name. Raises Misuse."""
    try:
        kind = kind_of(word)
    except UnknownCheck as error:
        raise Misuse(str(error)) from error
    yield f"{kind.id} {kind.name}: {kind.title}"
    yield f"Looked at from: {kind.where}; belongs to: {kind.family.words}"
    if kind.needs:
        yield f"Needs: {', '.join(kind.needs)}"
    for title, text in (("Why it matters:", kind.why), ("If it is not so:", kind.todo)):
        yield ""
        yield title
        yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False, break_long_words=False)
