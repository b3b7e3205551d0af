"""pbsnodes: the only node, and pbsnodes --version."""

from __future__ import annotations

from machine import client
from machine.state import Place
from pbs import common


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Prints the node's state."""
    if common.version(flavour, arguments):
        return 0

    def show() -> None:
        client.ask(folder, "jobs")
        settings = Place(folder).settings
        print(f"{settings['host']}\n     state = free\n     np = {settings['cpus']}\n")

    return common.run(folder, flavour, "pbsnodes", show, away_code=1)
