"""Prints what the API gave, unchanged."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

import typer

from hosted_ce.cli.words import spelled

_KEPT = "\n\t"
_LABELS = re.compile(r"\s*(?:\S+(?: \S+)*? {2,})*(?:-> )?")
"""What a line has before its text, such as `  open     people         `."""
_MOST_LABELS = 32


def print_json(found: Any) -> None:
    """The value as indented JSON; in ASCII, so that no terminal's encoding can spoil it."""
    typer.echo(json.dumps(found, indent=2))


def print_lines(lines: Iterable[str]) -> None:
    """Each on a line of its own; on a terminal what is too long goes on below where its text begins."""
    if sys.stdout.isatty():
        lines = folded(lines, shutil.get_terminal_size().columns)
    for line in lines:
        typer.echo(line)


def folded(lines: Iterable[str], width: int) -> Iterator[str]:
    """The lines, none of them wider than `width` characters."""
    for line in lines:
        labels = _LABELS.match(line)
        indent = labels.end() if labels else 0
        if indent == len(line) - len(line.lstrip()) or indent > _MOST_LABELS:
            indent = len(line) - len(line.lstrip()) + 2
        yield from textwrap.wrap(
            line, width, subsequent_indent=" " * indent, break_on_hyphens=False, replace_whitespace=False
        ) or [""]


def print_bytes(content: bytes) -> None:
    """The content exactly, to the last byte; on a terminal, without what would steer it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(visible(content) if sys.stdout.isatty() else content)
    sys.stdout.buffer.flush()


def visible(content: bytes) -> bytes:
    """The content with all its lines, and control characters and what is no UTF-8 spelled out."""
    text = content.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return "".join(c if c in _KEPT else spelled(c) for c in text).encode()


def note(text: str) -> None:
    """A line beside the output: on stderr, so that what reads stdout does not see it."""
    typer.echo(text, err=True)
