"""Who answers: a person at a terminal."""

from __future__ import annotations

import textwrap
from typing import Protocol

import typer

_WIDTH = 78


class Person(Protocol):
    """Somebody who can be told and asked."""

    def tell(self, text: str, *, mark: str = "", strong: bool = False) -> None:
        """Says a paragraph; `mark` stands before its first line, and the others are as far in."""

    def ask(self, name: str, default: str | None) -> str:
        """An answer of one line; the default for an empty one. Raises typer.Abort when there is none."""

    def agrees(self, question: str) -> bool:
        """Yes or no; an empty answer is no."""


class Terminal:
    """On standard error, so that what reads standard output gets the letter alone."""

    def tell(self, text: str, *, mark: str = "", strong: bool = False) -> None:
        """Says a paragraph, in lines that fit."""
        lines = textwrap.wrap(
            text, _WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False,
            break_long_words=False,
        )  # fmt: skip
        for line in lines or [""]:
            typer.echo(typer.style(line, bold=True) if strong else line, err=True)

    def ask(self, name: str, default: str | None) -> str:
        """Prompts; an empty line without a default is told that it is none, and prompts again."""
        while not (
            said := str(typer.prompt(name, default=default or "", show_default=bool(default), err=True))
        ):
            self.tell("an answer is needed; to go back: Ctrl-C, then --again QUESTION", mark="  ! ")
        return said

    def agrees(self, question: str) -> bool:
        """Prompts for y or n."""
        return typer.confirm(question, default=False, err=True)
