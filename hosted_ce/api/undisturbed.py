"""Work that makes very many objects, without Python's garbage collector at the same time.

A full collection looks at everything that came since the start, and nothing else runs meanwhile: with 10,000
new pilots 40 to 90 ms, several times. What such work makes is without cycles, and gone when it is done.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_S = 20.0
"""Work that waits for longer, for a database that is away, has the collector back."""


class Undisturbed:
    """For the event loop alone. Several may be at such work at the same time."""

    def __init__(self, longest_s: float = LONGEST_S):
        self._longest_s = longest_s
        self._working = set[object]()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """While the block runs nothing is collected; what it made should be gone before it ends."""
        work = object()
        self._working.add(work)
        gc.disable()
        too_long = asyncio.get_running_loop().call_later(self._longest_s, self._end, work)
        try:
            yield
        finally:
            too_long.cancel()
            self._end(work)

    def _end(self, work: object) -> None:
        self._working.discard(work)
        if not self._working:
            gc.enable()
