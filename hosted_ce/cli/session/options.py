"""Options that commands on sessions share."""

from __future__ import annotations

from typing import Annotated

import typer

LATEST, CURRENT = "latest", "current"

Item = Annotated[str, typer.Argument(metavar="ITEM", help="The item's id, as `session show` has it.")]
Shown = Annotated[
    int | None,
    typer.Option(
        "--session", metavar="NUMBER", min=1, help="Another one than the newest: see `session list`."
    ),
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, or what was agreed.")]
Expires = Annotated[
    str,
    typer.Option(
        "--expires", metavar="TIME", help="For how long the site's link holds: 1d, 8h; 14d at most."
    ),
]


def which(number: int | None) -> str:
    """The session as the API names it."""
    return LATEST if number is None else str(number)
