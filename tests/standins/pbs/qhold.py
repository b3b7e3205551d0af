"""qhold: -h u, o or s."""

from __future__ import annotations

from typing import Any

from machine import client
from machine.state import Place
from pbs import acts, common


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Holds jobs that wait."""
    if common.version(flavour, arguments):
        return 0
    given, operands = common.options(arguments, "h", "")
    who = dict(given).get("h", "u")

    def hold(place: Place, job: dict[str, Any]) -> None:
        client.ask(str(place.folder), "hold", number=job["number"], who=who)

    return acts.each(folder, flavour, "qhold", operands, hold)
