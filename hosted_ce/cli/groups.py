"""Groups of commands, made alike: plain help that ends with examples, errors as plain lines."""

from __future__ import annotations

import errno
import io
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.words import spelled

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What writing fails with. A pipe that nobody reads is no error, and typer's matter."""


_WHOLE = 1000
"""Characters, more than any summary has."""


class _Group(TyperGroup):
    """Tells whole summaries; turns a `CliError` of any command into lines on stderr and the exit code."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The first sentence of each, on two lines where it needs them: typer would cut it."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, each.get_short_help_str(_WHOLE))
                    for name, each in commands
                    if each and not each.hidden
                ]
            )

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CliError as error:
            for line in error.lines:
                typer.echo(spelled(line), err=True)
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            if error.errno not in _FULL:
                raise
            sys.stdout = io.StringIO()  # else what could not be written is tried once more at the exit
            typer.echo(f"error: the output cannot be written: {error.strerror}", err=True)
            raise typer.Exit(CliError.exit_code) from error


def new_group(
    text: str, *, name: str | None = None, epilog: str | None = None, needs_command: bool = True
) -> typer.Typer:
    """A group of commands; `text` is its help. Without a command it prints that help, if it `needs_command`.

    Plain, since boxes in help and errors do not survive logs, mails and tickets.
    """
    return typer.Typer(
        name=name,
        help=text,
        epilog=epilog,
        cls=_Group,
        no_args_is_help=needs_command,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=name is not None,
    )


def examples(*lines: str) -> str:
    """The end of a command's help: one or more command lines to copy."""
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(("\b", title, *(f"  {line}" for line in lines)))  # \b: typer must not join the lines
