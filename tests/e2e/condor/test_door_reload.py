"""Another site file, again and again, while a factory's pilots come and go: real HTCondor, sshd and Slurm."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.e2e.ce import names_at_site, stamps_of
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import COMPLETED, HELD, Way, running_way
from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PILOTS, RELOADS, WAVES = 40, 8, 2


@pytest.fixture(scope="module")
def way(lab: Lab, condor_lab: CondorLab, factory: Factory) -> Iterator[Way]:
    with running_way(lab, condor_lab, factory, "reload.lab.test") as way:
        yield way


def rewrite(way: Way, number: int) -> dict[str, Any]:
    """Changes the door, the cluster and the routes at once, and has that read; returns what is told."""
    file = way.ce.site_file
    said = yaml.safe_load(file.read_text())
    said["front_door"]["poll"] = f"{1 + number % 2}s"
    said["clusters"]["lab"]["submit_window"] = 4 + number % 3
    said["routes"][-1] |= {"name": f"default{number}"}
    new = file.with_suffix(".new")
    new.write_text(yaml.safe_dump(said))
    new.replace(file)
    answer = way.ce.client.post("/api/v1/site/reload", timeout=60)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def routed(way: Way) -> list[dict[str, Any]]:
    """The pilots of this test that have a route."""
    ours = [pilot for pilot in way.ce.pilots() if pilot["attributes"].get("GlideinEntryName") == "Reload"]
    return [pilot for pilot in ours if pilot["route"]]


def test_reloads_in_the_middle_of_everything_lose_and_double_nothing(way: Way) -> None:
    sent: list[str] = []
    for wave in range(WAVES):
        sent += way.send("sleep 3; exit 7", count=PILOTS // WAVES, entry=way.entry("Reload"))
        already = PILOTS // WAVES * wave
        way.ce.wait_until(lambda so_far=already: len(routed(way)) > so_far, 90, "no pilot of the wave came")
        for number in range(RELOADS // WAVES):
            told = rewrite(way, RELOADS // WAVES * wave + number)
            assert told["outcome"] == "loaded"
            assert told["to_do"]
            time.sleep(2)
    over = way.factory.wait_for(sent, COMPLETED, HELD, seconds=150)

    assert Counter((ad["JobStatus"], ad.get("ExitCode")) for ad in over.values()) == {(COMPLETED, 7): PILOTS}
    records = routed(way)
    assert len(records) == PILOTS
    assert {pilot["attempt_number"] for pilot in records} == {1}
    assert len({pilot["route"] for pilot in records}) > 1
    at_site = Counter(names_at_site(way.lab))
    assert [at_site[stamp] for stamp in stamps_of(records)] == [1] * PILOTS
    metrics = way.ce.client.get("/metrics").text
    assert "hosted_ce_duplicate_jobs_total 0.0" in metrics
    assert "hosted_ce_late_jobs_total 0.0" in metrics
    assert f'hosted_ce_site_reloads_total{{outcome="loaded"}} {RELOADS}.0' in metrics
    ready = way.ce.client.get("/readyz")
    assert (ready.status_code, ready.json()["degraded"]) == (200, False)
