"""The Date of answers (RFC 9110, section 6.6.1), made when somebody asks: no clock is needed for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate


class DateHeader:
    """Call it for the header as it is now; it is made once a second at most."""

    def __init__(self, wall: Callable[[], float] = time.time):
        self._wall, self._second = wall, -1
        self._header = b"date", b""

    def __call__(self) -> tuple[bytes, bytes]:
        """Name and value."""
        second = int(self._wall())
        if second != self._second:
            self._second, self._header = second, (b"date", formatdate(second, usegmt=True).encode())
        return self._header
