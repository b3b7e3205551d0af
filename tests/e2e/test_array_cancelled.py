"""Tasks of job arrays that were cancelled while they waited, and of which a real Slurm says nothing more."""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
MANY = 20
SCRIPT = base64.b64encode(b"#!/bin/sh\necho done\n").decode()
BODY = {
    "executable": "pilot.sh",
    "inputs": [{"name": "pilot.sh", "executable": True, "content": SCRIPT}],
    "count": MANY,
}


@pytest.fixture
def closed(lab: Lab) -> Iterator[None]:
    """Nothing starts in the partition."""
    lab.slurm.command("scontrol", "update", "partition=batch", "state=down")
    yield
    lab.slurm.command("scontrol", "update", "partition=batch", "state=up")


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path, arrays={"most": 8})
    ce.start()
    yield ce
    ce.kill()


def by_array(ce: Ce) -> list[list[dict[str, Any]]]:
    """Pilots that share an array, all that wait at the site; the largest array comes last."""
    found = defaultdict(list)
    for pilot in ce.pilots():
        array, between, _ = pilot["batch_id"].partition("_")
        if between:
            found[array].append(pilot)
    return sorted(found.values(), key=len)


def are_queued(ce: Ce) -> bool:
    """Whether each has a batch job."""
    return len(pilots := ce.pilots()) == MANY and all(pilot["batch_id"] for pilot in pilots)


def test_SL27_who_was_cancelled_while_it_waited_is_not_lost(ce: Ce, lab: Lab, closed: None) -> None:
    answer = ce.client.post("/api/v1/pilots/batch", json=BODY, headers={"Idempotency-Key": "many"})
    answer.raise_for_status()
    ce.wait_until(lambda: are_queued(ce), 60, "not all of them were submitted")
    *_, each, several = by_array(ce)
    by_us, by_root, *_ = several
    ce.client.post(f"/api/v1/pilots/{by_us['id']}/hold", json={}).raise_for_status()
    lab.slurm.command("scancel", by_root["batch_id"])
    lab.slurm.command("scancel", *(pilot["batch_id"] for pilot in each))  # as scancel --user does
    cancelled = [by_root["id"], *(pilot["id"] for pilot in each)]
    over = ce.wait(cancelled)
    assert Counter(pilot["state"] for pilot in over) == {"removed": len(cancelled)}
    assert "its array is there without it" in str(ce.show(by_root["id"]))
    [held] = ce.wait([by_us["id"]])
    assert held["state"] == "held"
    lab.slurm.command("scontrol", "update", "partition=batch", "state=up")
    ce.client.post(f"/api/v1/pilots/{by_us['id']}/release", json={}).raise_for_status()
    others = ce.wait({pilot["id"] for pilot in ce.pilots()} - {*cancelled}, {"completed", "lost"})
    assert Counter(pilot["state"] for pilot in others) == {"completed": MANY - len(cancelled)}
