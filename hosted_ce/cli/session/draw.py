"""A session on a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from hosted_ce.cli.printing import folded
from hosted_ce.cli.session.lines import SETTLED, head, lines_of

_STYLES = {"done": "green", "failed": "bold red", "running": "cyan", "skipped": "dim", "open": "yellow"}
_MARK = 8
"""The width of an item's state."""


def print_board(board: dict[str, Any]) -> None:
    """All of it."""
    console = Console()
    for line in styled(folded(lines_of(board), console.width)):
        console.print(line)


def live(look: Callable[[], dict[str, Any]], pause_s: float) -> None:
    """Shows it until it has ended; what does not fit is cut at its settled items first."""
    console = Console()
    with Live(console=console, screen=True, auto_refresh=False) as screen:
        while True:
            board = look()
            rows = fitted(board, console.size.height - 1)
            screen.update(Group(*styled(rows)), refresh=True)
            if board["session"]["ended_at"]:
                break
            time.sleep(pause_s)
    console.print(head(board))


def fitted(board: dict[str, Any], height: int) -> list[str]:
    """At most so many lines: settled phases in one line each, if there is no room for all."""
    rows = list(lines_of(board))
    if len(rows) > height:
        phases = [_short(phase) for phase in board["phases"]]
        rows = list(lines_of(board | {"phases": phases}))
    return rows[: max(1, height)]


def styled(lines: Iterable[str]) -> list[Text]:
    """The lines, with states in their colours."""
    return [_styled(line) for line in lines]


def _short(phase: dict[str, Any]) -> dict[str, Any]:
    left = [item for item in phase["items"] if item["state"] not in SETTLED]
    return phase | {"items": left, "of": len(phase["items"])}


def _styled(line: str) -> Text:
    text = Text(line)
    word = line[2 : 2 + _MARK].strip()
    if line.startswith("  ") and word in _STYLES:
        text.stylize(_STYLES[word], 2, 2 + _MARK)
    elif line and not line.startswith(" "):
        text.stylize("bold")
    return text
