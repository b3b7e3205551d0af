"""Prints lines for authorized_keys."""

from __future__ import annotations

from collections.abc import Iterable

import typer


def print_lines(lines: Iterable[tuple[str, str]], *, alone: bool) -> None:
    """Prints each line; unless it is `alone`, below a comment that says where it goes.

    The comment is part of the output: who saves that to a file still sees whose the lines are.
    """
    for where, line in lines:
        if not alone:
            typer.echo(f"# for authorized_keys of {where}")
        typer.echo(line)
