"""What comes next."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.session.board import Board
from hosted_ce.session.found import ItemState
from hosted_ce.session.judges.growth import said
from hosted_ce.session.minutes.words import escaped, sentence

PAGES = {
    "Health": "/site", "Contributions": "/contributions", "The ramp": "/ramp",
    "Asked, granted and used": "/verification", "Checks": "/site/checks",
}  # fmt: skip


def later(board: Board, public_url: str) -> Iterator[str]:
    """The ramp's plan, checks that go on, and where to look."""
    yield from ("## What comes next", "")
    for ramp in board.ramps:
        waits = f"; {ramp.waits_for}" if ramp.waits_for else ""
        yield f"- The ramp: {sentence(escaped(said(ramp) + waits))}"
    if not board.ramps:
        yield "- No route has a ramp: the number of pilots is the route's limit at once."
    yield f"- Checks by themselves: {sentence(escaped(_checks(board)))}"
    for name, path in PAGES.items():
        yield f"- {name}: <{public_url}{path}>"
    yield f"- This session: <{public_url}/session/{board.session.id}>"


def _checks(board: Board) -> str:
    line = next((line for line in board.lines if line.id == "weekly-checks"), None)
    if line is None or line.state is not ItemState.DONE:
        return "not asked for yet"
    return line.seen or ""
