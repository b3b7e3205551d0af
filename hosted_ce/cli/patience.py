"""Waits for a CE that is restarted while it is followed."""

from __future__ import annotations

import time
from http import HTTPStatus

from hosted_ce.cli.client import Client, Document
from hosted_ce.cli.errors import NoRunningCe, Refused
from hosted_ce.cli.printing import note

PAUSE_S = 1.0
TRIES = 100
"""In a row without an answer. With the client's own tries they take about ten minutes."""


def get_patiently(client: Client, path: str) -> Document:
    """What the CE answers. Raises Refused when it says no, NoRunningCe or Refused when it stays away."""
    for failures in range(TRIES):
        try:
            return client.get(path)
        except (NoRunningCe, Refused) as error:
            if isinstance(error, Refused) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            if failures == 0:
                note(f"waiting for the CE to come back: {error}")
        time.sleep(PAUSE_S)
    return client.get(path)
