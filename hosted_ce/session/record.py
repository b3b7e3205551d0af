"""A board as JSON, as it is kept when its session has ended."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from hosted_ce.session.board import Board

FORMAT = 1
"""Of what `written` gives; one that is not known is not read."""


def written(board: Board) -> dict[str, Any]:
    """As JSON can hold it."""
    found: dict[str, Any] = _adapter().dump_python(board, mode="json")
    return {"format": FORMAT, "board": found}


def read(record: dict[str, Any]) -> Board:
    """From what `written` gave. Raises ValueError for another format."""
    if record.get("format") != FORMAT:
        raise ValueError(f"a record of format {record.get('format')!r} is not known")
    return _adapter().validate_python(record["board"])


@cache
def _adapter() -> TypeAdapter[Board]:
    return TypeAdapter(Board)
