"""Variables of the environment that look like settings and are none: mistyped, they change nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from hosted_ce.settings import Settings

PREFIX = "HOSTED_CE_"
ELSEWHERE = ("URL", "TOKEN_FILE")
"""Of the command line; who exports them for it need not hear of it."""


def stray(names: Iterable[str]) -> list[str]:
    """What is to be said of each; `names` are all variables."""
    known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
    taken = {*known, *(f"{PREFIX}{name}" for name in ELSEWHERE)}
    found = sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in taken)
    return [_said(name, _nearest(name.upper(), known)) for name in found]


def _nearest(name: str, known: list[str]) -> str | None:
    begun = [one for one in known if one.startswith(name)]
    return next(iter(begun or difflib.get_close_matches(name, known, n=1, cutoff=0.8)), None)


def _said(name: str, near: str | None) -> str:
    return f"{name} is no setting" + (f"; is {near} meant?" if near else "")
