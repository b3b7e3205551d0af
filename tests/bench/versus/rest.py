"""Pilots that arrive at once through REST, beside loops of sbatch on the login node in the same minutes."""

from __future__ import annotations

import base64
import json
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.databases import NewDatabase, of_ce
from tests.bench.versus import plain
from tests.bench.versus.carrier import ROUTES
from tests.bench.versus.family import accepts
from tests.bench.versus.rest_batch import ARRAYS, ArrayDoor, post_together
from tests.bench.versus.watcher import Watch
from tests.e2e.ce import Ce
from tests.e2e.lab.process import wait_until
from tests.e2e.lab.site import Lab

CLIENTS = 8
AT_A_TIME = (4, 8, 16)
LABEL = "rest"
_INPUT = {
    "name": "pilot.sh",
    "executable": True,
    "content": base64.b64encode(b"#!/bin/sh\nexit 0\n").decode(),
}
_PILOT = {
    "executable": "pilot.sh",
    "inputs": [_INPUT],
    "attributes": {"queue": plain.PARTITION, "maxMemory": 10, "maxWallTime": 5},
}
_BODY = json.dumps(_PILOT).encode()
RATES = frozenset({"rest_rate", "rest_batch_plain", "rest_arrays", "rest_batch"})
"""Rows: a request for each pilot or one for all, with an sbatch for each or job arrays."""


@dataclass
class Rest:
    """Figures of all rounds."""

    rates: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in RATES})
    """Pilots a second by the name of the row: from the first POST until the last sbatch had answered; with
    arrays, until the CE had the batch job's id of the last one."""
    loops_per_second: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in AT_A_TIME})
    post_to_accepted: list[float] = field(default_factory=list)
    """Of single pilots, seconds."""

    @property
    def best_loop(self) -> list[float]:
        """The rates of the parallelism whose sum is the highest."""
        return max(self.loops_per_second.values(), key=sum)


def measure(
    lab: Lab, watch: Watch, new_database: NewDatabase, *, pilots: int, rounds: int, singles: int,
    pause_s: float, wanted: Collection[str],
) -> Rest:  # fmt: skip
    """Takes turns: each round is one of ours for each wanted row of RATES, and one of each loop."""
    assert lab.sshd.listener.pid is not None
    watch.follow(lab.sshd.listener.pid, LABEL)
    found = Rest()
    with ExitStack() as stack:
        turns: dict[str, Callable[[str], float]] = {}
        if singles or not {"rest_rate", "rest_batch_plain"}.isdisjoint(wanted):
            door = Door(stack.enter_context(_served(lab, new_database())), watch)
            found.post_to_accepted = [door.send(1, f"single-{n}").first for n in range(singles)]
            turns["rest_rate"] = lambda name: door.send(pilots, name).last
            turns["rest_batch_plain"] = lambda name: door.send_together(pilots, name)
        if not {"rest_arrays", "rest_batch"}.isdisjoint(wanted):
            spool = f"{lab.home}/spool-of-arrays"
            ce = stack.enter_context(_served(lab, new_database(), arrays=ARRAYS, spool=spool))
            arrays = ArrayDoor(ce, watch, LABEL)
            arrays.send(lambda: post_together(ce, _PILOT, 2, "first"), 2)
            turns["rest_arrays"] = lambda name: arrays.send(partial(post_each, ce, pilots, name), pilots)
            together = partial(post_together, ce, _PILOT, pilots)
            turns["rest_batch"] = lambda name: arrays.send(partial(together, name), pilots)
        for number in range(rounds if not RATES.isdisjoint(wanted) else 0):
            for row in [row for row in turns if row in wanted]:
                found.rates[row].append(pilots / turns[row](f"{row}-{number}"))
                plain.clear(lab, pause_s)
            for at_a_time in AT_A_TIME:
                found.loops_per_second[at_a_time].append(plain.loop(lab, pilots, at_a_time)[0])
                plain.clear(lab, pause_s)
    return found


@contextmanager
def _served(lab: Lab, database: str | None, **cluster: Any) -> Iterator[Ce]:
    """A CE without a front door, straight at the login node, by a login: an installed agent has one spool."""
    usual: dict[str, Any] = {"key": str(lab.private_key), "poll": None, "missing_grace": None}
    with tempfile.TemporaryDirectory() as folder:
        ce = Ce(lab, Path(folder), site={"routes": ROUTES}, environment=of_ce(database), **usual, **cluster)
        ce.start()
        try:
            ce.wait_until(lambda: ce.cluster()["state"] == "ready", 60, "there is no contact")
            yield ce
        finally:
            ce.kill()


@dataclass(frozen=True)
class Sent:
    """Seconds from the first POST until the first and the last sbatch had answered."""

    first: float
    last: float


class Door:
    """The CE that begins an sbatch for each pilot."""

    def __init__(self, ce: Ce, watch: Watch):
        self._ce, self._watch = ce, watch

    def send(self, pilots: int, name: str, patience_s: float = 300) -> Sent:
        """Pilots by several clients at once, until all are at the site."""
        began = time.time()
        post_each(self._ce, pilots, name)
        return self._sent(pilots, began, patience_s)

    def send_together(self, pilots: int, name: str, patience_s: float = 300) -> float:
        """By one request; seconds until all are at the site."""
        began = time.time()
        post_together(self._ce, _PILOT, pilots, name)
        return self._sent(pilots, began, patience_s).last

    def _sent(self, pilots: int, began: float, patience_s: float) -> Sent:
        accepted = wait_until(
            lambda: times if len(times := self._accepted(began)) >= pilots else None,
            f"{pilots} pilots at the site",
            patience_s,
            every=0.1,
        )
        return Sent(min(accepted) - began, max(accepted) - began)

    def _accepted(self, since: float) -> list[float]:
        return [fact.at for fact in self._watch.facts(LABEL, since) if accepts(fact)]


def post_each(ce: Ce, pilots: int, name: str) -> None:
    """A request for each, by several clients at once."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        shares = [range(first, pilots, CLIENTS) for first in range(min(CLIENTS, pilots))]
        list(clients.map(lambda share: _post(ce, share, name), shares))


def _post(ce: Ce, numbers: range, name: str) -> None:
    """By a client that costs next to nothing, since it runs on the same cores."""
    headers = {"Authorization": ce.client.headers["Authorization"], "Content-Type": "application/json"}
    connection = HTTPConnection(urlsplit(str(ce.client.base_url)).netloc, timeout=60)
    for number in numbers:
        key = {"Idempotency-Key": f"{name}-{number}"}
        connection.request("POST", "/api/v1/pilots", _BODY, {**headers, **key})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"POST: {answer.status} {text[:500]!r}")
    connection.close()
