"""Waits for the end of pilots."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hosted_ce.cli.client import Client, Document
from hosted_ce.cli.patience import get_patiently
from hosted_ce.cli.printing import note
from hosted_ce.cli.words import summary
from hosted_ce.pilots.states import FINAL, State

LOOK_S = 1.0

OVER = FINAL | {State.HELD}
"""What is waited for: held pilots stay as they are until somebody does something."""


def wait_for(client: Client, pilots: Sequence[Document]) -> Iterator[Document]:
    """Each pilot as it is at its end, in the order given; a line on stderr for each change on the way.

    A CE that is restarted meanwhile is waited for. Raises NoRunningCe or Refused when it stays away.
    """
    note(f"waiting for {'pilot' if len(pilots) == 1 else 'pilots'} {_numbers(pilots)}")
    for pilot in pilots:
        yield _wait_for_one(client, pilot)


def came_back_well(pilot: Mapping[str, Any]) -> bool:
    """Whether it did what it was sent for."""
    return (pilot["state"], pilot["exit_code"]) == (State.COMPLETED, 0)


def _wait_for_one(client: Client, pilot: Document) -> Document:
    if "exit_code" not in pilot:  # of many the CE told ids and states alone
        pilot = get_patiently(client, f"/pilots/{pilot['id']}")
    while pilot["state"] not in OVER:
        time.sleep(LOOK_S)
        told, pilot = summary(pilot), get_patiently(client, f"/pilots/{pilot['id']}")
        if pilot["state"] not in OVER and summary(pilot) != told:
            note(summary(pilot))
    return pilot


def _numbers(pilots: Sequence[Document]) -> str:
    return ", ".join(str(pilot["id"]) for pilot in pilots)
