"""The settings of this process, with what the command line says put over the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hosted_ce.cli.errors import Misuse
from hosted_ce.settings import Settings


def settings_with(**given: Any) -> Settings:
    """The settings; a value of None leaves that one to the environment. Raises Misuse."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = [f"{_source(str(e['loc'][0]))}: {e['msg']}, not {e['input']!r}" for e in error.errors()]
        raise Misuse(faults[0], *(f"error: {fault}" for fault in faults[1:])) from error


def _source(field: str) -> str:
    return f"setting {field} (environment variable HOSTED_CE_{field.upper()})"


def shown(path: Path) -> str:
    """The path as a person would type it: `./state` for a relative one."""
    text = str(path)
    return text if path.is_absolute() or text.startswith(".") else f"./{text}"
