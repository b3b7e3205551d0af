"""Cursors: where a listing goes on. Opaque to clients, so that what is in them can change."""

from __future__ import annotations

import base64
import binascii
import re

_TEXT = re.compile(rb"b([1-9][0-9]{0,18})\Z")
MAX_ID = 2**63 - 1


def cursor_before(pilot_id: int) -> str:
    """The cursor for pilots older than this one; safe in URLs."""
    return base64.urlsafe_b64encode(b"b%d" % pilot_id).decode("ascii").rstrip("=")


def before_of(cursor: str) -> int:
    """The id that `cursor_before` was given. Raises ValueError for any other text."""
    try:
        text = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        text = b""
    found = _TEXT.match(text)
    if not found or int(found[1]) > MAX_ID:
        raise ValueError("is not a cursor of this API; give `next_cursor` of the page before, unchanged")
    return int(found[1])
