"""The loop of `hosted-ce top`: draws, waits for keys and answers."""

from __future__ import annotations

import time
from dataclasses import replace

from rich.console import Console, Group
from rich.live import Live

from hosted_ce.cli.top.draw import drawn, rows_of
from hosted_ce.cli.top.fetch import Fetcher
from hosted_ce.cli.top.keyboard import keys, one_at_a_time
from hosted_ce.cli.top.keys import QUIT, pressed
from hosted_ce.cli.top.screen import Look, Screen, shown

TICK_S = 0.25


def run(fetcher: Fetcher, screen: Screen, handle: int) -> None:
    """Shows what the CE says until a key ends it. `handle` is that of the terminal's input."""
    console = Console()
    with one_at_a_time(handle), Live(console=console, screen=True, auto_refresh=False) as live:
        last: object = None
        while True:
            size, now = console.size, time.time()
            this = screen, size, int(now)  # ages change once in a second
            if this != last:
                live.update(Group(*drawn(screen, size.width, size.height, now)), refresh=True)
                last = this
            before = screen.question
            for key in keys(handle, TICK_S):
                if key in QUIT:
                    return
                screen = pressed(screen, key, rows_of(screen, size.width, size.height, now))
            if screen.question != before:
                fetcher.ask(screen.question)
            screen = _with_answers(screen, fetcher.answers())


def _with_answers(screen: Screen, answers: list[Look | str]) -> Screen:
    for answer in answers:
        screen = replace(screen, problem=answer) if isinstance(answer, str) else shown(screen, answer)
    return screen
