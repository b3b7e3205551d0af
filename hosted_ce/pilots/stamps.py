"""Stamps: the unique short names of attempts."""

from __future__ import annotations

import base64
import re

STAMP_BYTES = 9
STAMP = re.compile(r"h[a-z2-7]{14}\Z")


def stamp_from(random_bytes: bytes) -> str:
    """The stamp that these 9 random bytes make: 70 bits in 15 characters.

    A letter first and no more than 15 characters, since a stamp is the batch job's name and old PBS takes no
    other; lower-case base32, since it is also a folder's name at the site.
    """
    if len(random_bytes) != STAMP_BYTES:
        raise ValueError(f"a stamp is made of {STAMP_BYTES} bytes, not {len(random_bytes)}")
    return "h" + base64.b32encode(random_bytes).decode("ascii").lower()[:14]
