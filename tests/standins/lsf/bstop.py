"""bstop: of jobs that wait."""

from __future__ import annotations

from typing import Any

from lsf import acts
from machine import client


def main(folder: str, flavour: str, arguments: list[str]) -> int:
    """Each of the jobs."""

    def act(job: dict[str, Any]) -> str:
        client.ask(folder, "hold", number=job["number"], who="u")
        return "is being stopped"

    return acts.each(folder, arguments, act)
