"""Keys, one at a time, from a terminal that does not wait for Enter."""

from __future__ import annotations

import os
import re
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

_SEQUENCES = {
    "[A": "up", "[B": "down", "OA": "up", "OB": "down", "[5~": "page up", "[6~": "page down", "[H": "home",
    "[F": "end", "OH": "home", "OF": "end", "[1~": "home", "[4~": "end",
}  # fmt: skip
_PLAIN = {"\r": "enter", "\n": "enter", "\x1b": "escape", "\x03": "ctrl-c", "\x04": "ctrl-d"}
_KEY = re.compile(r"\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|.", re.DOTALL)
AT_ONCE = 1024
REST_S = 0.05
"""A key that sends several bytes has sent them all by then."""


@contextmanager
def one_at_a_time(handle: int) -> Iterator[None]:
    """While the block runs, the terminal gives keys as they are pressed, and does not show them."""
    before = termios.tcgetattr(handle)
    tty.setcbreak(handle)
    try:
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def keys(handle: int, timeout_s: float) -> list[str]:
    """What was pressed within the time, at once when something was; ctrl-d when the terminal is gone."""
    if not select.select([handle], [], [], timeout_s)[0]:
        return []
    found = os.read(handle, AT_ONCE)
    if found.endswith(b"\x1b") and select.select([handle], [], [], REST_S)[0]:
        found += os.read(handle, AT_ONCE)
    return list(named(found.decode("utf-8", "replace"))) if found else ["ctrl-d"]


def named(text: str) -> Iterator[str]:
    """The keys that send this text, by name. Sequences that we do not know are left out."""
    for found in _KEY.findall(text):
        if len(found) == 1:
            yield _PLAIN.get(found, found)
        elif known := _SEQUENCES.get(found[1:]):
            yield known
