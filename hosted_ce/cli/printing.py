"""Prints what the API gave, unchanged."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer

from hosted_ce.cli.words import spelled

_KEPT = "\n\t"


def print_json(found: Any) -> None:
    """The value as indented JSON; in ASCII, so that no terminal's encoding can spoil it."""
    typer.echo(json.dumps(found, indent=2))


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
