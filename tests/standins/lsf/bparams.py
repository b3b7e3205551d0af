"""bparams -a."""

from __future__ import annotations

from lsf.common import run
from machine import client
from machine.state import Place


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Prints what a site may set."""

    def show() -> None:
        client.ask(folder, "jobs")
        print("    DEFAULT_QUEUE = normal")
        print(f"    CLEAN_PERIOD = {Place(folder).settings['keep_ended_s']:.0f}")

    return run(show)
