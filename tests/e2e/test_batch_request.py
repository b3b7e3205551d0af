"""Many pilots of one request, on a real Slurm as job arrays: the CE is killed before and after it answers."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.ce import Ce, stamps_of
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
MANY = 30
KEY = {"Idempotency-Key": "many"}
SCRIPT = base64.b64encode(b"#!/bin/sh\nsleep 1\necho pilot $1\n").decode()
BODY = {
    "executable": "pilot.sh",
    "inputs": [{"name": "pilot.sh", "executable": True, "content": SCRIPT}],
    "pilots": [{"arguments": [str(number)]} for number in range(MANY)],
}


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path, arrays={"most": 10})
    ce.start()
    yield ce
    ce.kill()


def sent(ce: Ce) -> httpx.Response:
    """The answer to the request."""
    return ce.client.post("/api/v1/pilots/batch", json=BODY, headers=KEY).raise_for_status()


def asked(url: str, headers: dict[str, str]) -> None:
    """The same of a client who may not live to see the answer."""
    client = httpx.Client(base_url=url, headers=headers, timeout=30)
    with client, contextlib.suppress(httpx.HTTPError):
        client.post("/api/v1/pilots/batch", json=BODY, headers=KEY)


def test_killed_twice_it_has_all_of_them_once(ce: Ce, lab: Lab) -> None:
    asking = threading.Thread(target=asked, args=(str(ce.client.base_url), dict(ce.client.headers)))
    asking.start()
    ce.wait_until(lambda: "pilots received" in ce.log.read_text(), 30, "they were not written down")
    ce.kill()  # its client may have had the answer or not: it asks again
    asking.join()
    ce.start()
    assert sent(ce).json()["created"] == 0
    ce.wait_until(lambda: any(pilot["batch_id"] for pilot in ce.pilots()), 30, "nothing was submitted")
    ce.kill()
    ce.start()
    answer = sent(ce)
    assert (answer.status_code, answer.json()["created"]) == (200, 0)
    done = ce.wait((item["id"] for item in answer.json()["items"]), seconds=90)
    assert Counter(pilot["state"] for pilot in done) == {"completed": MANY}
    outputs = [ce.output(pilot["id"]).decode() for pilot in done]
    assert outputs == [f"pilot {number}\n" for number in range(MANY)]
    assert len(ce.pilots()) == len(stamps_of(done)) == MANY
    assert len({pilot["batch_id"] for pilot in done}) == MANY
