"""qrls."""

from __future__ import annotations

from typing import Any

from machine import client
from machine.state import Place
from pbs import acts, common


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Asks for it; nothing is waited for."""
    if common.version(flavour, arguments):
        return 0
    return acts.each(folder, flavour, "qrls", common.options(arguments, "Whm", "x")[1], _release)


def _release(place: Place, job: dict[str, Any]) -> None:
    client.ask(str(place.folder), "release", number=job["number"])
