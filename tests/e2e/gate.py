"""A gate before which pilots wait: they run until the test lets them end, however slow the machine is."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Gate:
    """A file in a folder that worker nodes see."""

    def __init__(self, folder: Path):
        self._file = folder / f"gate-{secrets.token_hex(6)}"

    @property
    def waits(self) -> str:
        """The line of a pilot's script that waits for it."""
        return f"until [ -e {self._file} ]; do sleep 0.1; done"

    def open(self) -> None:
        """Lets all go on that wait, and those that come later."""
        self._file.touch()


@contextmanager
def gate_in(folder: Path) -> Iterator[Gate]:
    """No pilot of a test that fails waits on."""
    gate = Gate(folder)
    try:
        yield gate
    finally:
        gate.open()
