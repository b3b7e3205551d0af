"""Cursors: where a listing goes on. Opaque to clients, so that what is in them can change."""

from __future__ import annotations

import base64
import binascii

MARK = "b"
MAX_ID = 2**63 - 1


def cursor_before(pilot_id: int) -> str:
    """The cursor for pilots older than this one; safe in URLs."""
    return base64.urlsafe_b64encode(f"{MARK}{pilot_id}".encode("ascii")).decode("ascii").rstrip("=")


def before_of(cursor: str) -> int:
    """The id that `cursor_before` was given. Raises ValueError for any other text."""
    pilot_id = _number_in(cursor)
    if pilot_id is None or not 1 <= pilot_id <= MAX_ID or cursor_before(pilot_id) != cursor:
        raise ValueError("is not a cursor of this API; give `next_cursor` of the page before, unchanged")
    return pilot_id


def _number_in(cursor: str) -> int | None:
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"==").decode("ascii")
        return int(text.removeprefix(MARK))
    except (binascii.Error, ValueError):
        return None
