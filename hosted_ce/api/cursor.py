"""Cursors: where a listing goes on. Opaque to clients, so that what is in them can change."""

from __future__ import annotations

import base64
import binascii
import math
import re

MAX_ID = 2**31 - 1
"""Of PostgreSQL's integers, by which all that has an id is numbered."""
_TEXT = re.compile(r"b(?P<before>[0-9]+)|f(?P<time>[0-9a-fx.p+-]+):(?P<id>[0-9]+)")

Keys = tuple[float, ...]
"""Where a listing is: (id,) of one by age, (time, id) of one by when pilots were over."""


def cursor_after(keys: Keys) -> str:
    """The cursor for pilots behind these keys; safe in URLs."""
    *times, pilot_id = keys
    text = f"f{times[0].hex()}:{pilot_id}" if times else f"b{pilot_id}"
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")


def keys_of(cursor: str) -> Keys:
    """The keys that `cursor_after` was given. Raises ValueError for any other text."""
    keys = _keys_in(cursor)
    if keys is None or not 1 <= keys[-1] <= MAX_ID or cursor_after(keys) != cursor:
        raise ValueError("is not a cursor of this API; give `next_cursor` of the page before, unchanged")
    return keys


def _keys_in(cursor: str) -> Keys | None:
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"==").decode("ascii")
        found = _TEXT.fullmatch(text)
        if found is None:
            return None
        if found["before"]:
            return (int(found["before"]),)
        time = float.fromhex(found["time"])
        return (time, int(found["id"])) if math.isfinite(time) else None
    except (binascii.Error, ValueError, OverflowError):
        return None
