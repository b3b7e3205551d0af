"""What a key makes of the screen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from hosted_ce.cli.top.screen import STATES, Screen, Sort, moved

QUIT = frozenset({"q", "ctrl-c", "ctrl-d"})
FAR = 10**6
HELP = "q quit ↑↓ choose Enter why f state r route s sort"


def pressed(screen: Screen, key: str, page: int) -> Screen:
    """The screen after this key, `page` being how many pilots are to be seen. Others do nothing."""
    steps = {
        "up": -1,
        "down": 1,
        "k": -1,
        "j": 1,
        "page up": -page,
        "page down": page,
        "home": -FAR,
        "end": FAR,
    }
    if key in steps:
        return moved(screen, steps[key])
    change = _CHANGES.get(key)
    return change(screen) if change else screen


def _why(screen: Screen) -> Screen:
    """Asks about the chosen pilot; asks no more if that is what is shown."""
    pilots = screen.pilots
    wanted = pilots[screen.place]["id"] if pilots else None
    why = None if wanted == screen.question.why else wanted
    return replace(screen, chosen=wanted, question=replace(screen.question, why=why))


def _close(screen: Screen) -> Screen:
    return replace(screen, question=replace(screen.question, why=None))


def _next_state(screen: Screen) -> Screen:
    return replace(screen, question=replace(screen.question, state=_next(STATES, screen.question.state)))


def _next_route(screen: Screen) -> Screen:
    return replace(
        screen, question=replace(screen.question, route=_next(screen.routes, screen.question.route))
    )


def _next_sort(screen: Screen) -> Screen:
    every = list(Sort)
    return replace(screen, sort=every[(every.index(screen.sort) + 1) % len(every)])


def _next(every: Sequence[str], now: str | None) -> str | None:
    """The one after this; after the last one, and for what there is no more, all of them (None)."""
    if now is None:
        return every[0] if every else None
    at = every.index(now) + 1 if now in every else len(every)
    return every[at] if at < len(every) else None


_CHANGES: Mapping[str, Callable[[Screen], Screen]] = {
    "enter": _why,
    "escape": _close,
    "f": _next_state,
    "r": _next_route,
    "s": _next_sort,
}
