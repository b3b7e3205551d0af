"""A CE that submits pilots as job arrays, and many that arrive with one request."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.bench.versus.family import accepts
from tests.bench.versus.watcher import Watch
from tests.e2e.ce import Ce
from tests.e2e.lab.process import wait_until

A_REQUEST = 1000
"""Pilots of one request; the setting's own default."""
ARRAYS = {"most": 100}
"""Of the cluster; the site file's own default."""
QUIET_S = 0.5
"""After so long without an sbatch the CE is asked what it has submitted: before, that would cost it time."""


def post_together(ce: Ce, pilot: dict[str, Any], pilots: int, name: str) -> None:
    """So many of one, by as few requests as may be; `name` is their key."""
    for first in range(1, pilots + 1, A_REQUEST):
        body = {**pilot, "first": first, "count": min(A_REQUEST, pilots + 1 - first)}
        answer = ce.client.post("/api/v1/pilots/batch", json=body, headers={"Idempotency-Key": name})
        answer.raise_for_status()


class ArrayDoor:
    """Waits for pilots, and reads in the CE's own record when each was submitted.

    One sbatch takes many, so processes tell nothing of pilots. The record is a little later than sbatch: the
    answer has come back by then.
    """

    def __init__(self, ce: Ce, watch: Watch, label: str):
        self._ce, self._watch, self._label = ce, watch, label

    def send(self, post: Callable[[], None], pilots: int, patience_s: float = 300) -> float:
        """Seconds from the first POST until the last of so many pilots has its batch job's id."""
        began = time.time()
        post()
        times = wait_until(
            lambda: self._submitted(pilots, began), f"{pilots} pilots at the site", patience_s, every=0.25
        )
        return max(times) - began

    def _submitted(self, pilots: int, began: float) -> list[float] | None:
        """When each was, if all are: the newest pilots of this CE."""
        accepted = [fact.at for fact in self._watch.facts(self._label, began) if accepts(fact)]
        if not accepted or time.time() - max(accepted) < QUIET_S:
            return None
        times = [pilot["submitted_at"] for pilot in self._newest(pilots)]
        return [datetime.fromisoformat(at).timestamp() for at in times] if all(times) else None

    def _newest(self, pilots: int) -> list[dict[str, Any]]:
        found, cursor = list[dict[str, Any]](), {}
        while len(found) < pilots:
            asked = {"limit": min(1000, pilots - len(found)), **cursor}
            page = self._ce.client.get("/api/v1/pilots", params=asked).raise_for_status().json()
            found, cursor = found + page["items"], {"cursor": page["next_cursor"]}
        return found
