"""Prints what the API gave, unchanged."""

from __future__ import annotations

import json
import sys
from typing import Any

import typer


def print_json(found: Any) -> None:
    """The value as indented JSON; in ASCII, so that no terminal's encoding can spoil it."""
    typer.echo(json.dumps(found, indent=2))


def print_bytes(content: bytes) -> None:
    """The content exactly, to the last byte."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def note(text: str) -> None:
    """A line beside the output: on stderr, so that what reads stdout does not see it."""
    typer.echo(text, err=True)
