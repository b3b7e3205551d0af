"""Who uses the CE meanwhile: a factory that sends pilots, Prometheus, and a person with the overview open."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from tests.bench.versus.carrier import epoch
from tests.e2e.ce import Ce

CLIENTS = 12
SCRAPE_S = 15.0
_COMMON = f"#!/bin/sh\n# {'x' * 20_000}\nexec sleep 86400\n"
_ARGUMENTS = ["-name", "gfactory_instance", *(word for n in range(20) for word in (f"-param_{n}", "y" * 40))]


def send(ce: Ce, number: int) -> None:
    """A pilot as factories send them: 20 kB of input that all share, 1 kB of its own, 42 arguments."""
    own = {"token": bytes(f"{number:1000}", "ascii")}
    attributes = {"GlideinEntryName": f"E{number % 20}", "GlideinFactory": "F"}
    ce.submit(_COMMON, *_ARGUMENTS, files=own, attributes=attributes)


def send_all(ce: Ce, numbers: range) -> None:
    """By several clients at once; returns when the CE has taken all."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        for _ in clients.map(lambda number: send(ce, number), numbers):
            pass


@contextmanager
def watched(ce: Ce) -> Iterator[None]:
    """For as long as the context lasts, Prometheus scrapes, and a browser shows the overview."""
    over = threading.Event()
    threads = [threading.Thread(target=each, args=(ce, over), daemon=True) for each in (_scrape, _browse)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(60)


def _scrape(ce: Ce, over: threading.Event) -> None:
    with _client(ce) as client:
        while not over.wait(SCRAPE_S):
            client.get("/metrics").raise_for_status()


def _browse(ce: Ce, over: threading.Event) -> None:
    """As pages.js and htmx do: the page, and again whenever the CE says that something has changed."""
    with _client(ce) as client, client.stream("GET", "/live", params={"after": 0}) as told:
        for line in told.iter_lines():
            if over.is_set():
                return
            if line == "event: changed":
                client.get("/").raise_for_status()


def _client(ce: Ce) -> httpx.Client:
    return httpx.Client(base_url=ce.client.base_url, headers=ce.client.headers, timeout=120)


def ends_told(ce: Ce, since: float) -> dict[str, float]:
    """By stamp: when the API had pilots as over that ended since then, as it says itself."""
    found: dict[str, float] = {}
    cursor = None
    while True:
        asked = {"order": "finished", "limit": 500, **({"cursor": cursor} if cursor else {})}
        page = ce.client.get("/api/v1/pilots", params=asked).raise_for_status().json()
        times = {
            pilot["stamp"]: epoch(pilot["finished_at"]) for pilot in page["items"] if pilot["finished_at"]
        }
        found |= {stamp: at for stamp, at in times.items() if at >= since}
        cursor = page.get("next_cursor")
        if len(times) < len(page["items"]) or not cursor or min(times.values(), default=0) < since:
            return found
