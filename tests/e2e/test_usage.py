"""What a pilot was granted and what it used, as a real Slurm and the job itself tell it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ce import Ce
from tests.e2e.gate import Gate
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
BURNS = "#!/bin/sh\npython3 -c 'import os\nwhile os.times().user < 0.5: pass'\n"


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path)
    ce.start()
    yield ce
    ce.kill()


def test_grants_are_shown_while_it_runs_and_usage_when_it_has_ended(ce: Ce, gate: Gate) -> None:
    pilot = ce.submit(BURNS + gate.waits, attributes={"xcount": 2, "maxMemory": 1536, "maxWallTime": 90})
    ce.wait([pilot["id"]], {"running"})
    granted = {
        "cpus": 2, "memory_mb": 1536, "walltime_s": 5400, "nodes": 1, "queue": "batch", "qos": "normal",
    }  # fmt: skip
    assert ce.show(pilot["id"])["attempt"]["granted"] == granted
    gate.open()
    ce.wait([pilot["id"]])
    attempt = ce.show(pilot["id"])["attempt"]
    assert attempt["granted"] == granted
    assert attempt["user_cpu_s"] >= 0.45
    assert attempt["system_cpu_s"] >= 0


def contributed(ce: Ce) -> dict[str, Any]:
    """All that the site gave."""
    answer = ce.client.get("/api/v1/contributions?by=route").raise_for_status()
    found: dict[str, Any] = answer.json()["total"]
    return found


def core_seconds(attempt: dict[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(attempt[name]) for name in ("started_at", "ended_at"))
    return float(attempt["granted"]["cpus"] * (ended - began).total_seconds())


def test_what_the_site_gave_is_counted_once_although_the_ce_is_killed(ce: Ce, gate: Gate) -> None:
    pilot = ce.submit(BURNS + gate.waits, attributes={"xcount": 2, "maxWallTime": 90})
    ce.wait([pilot["id"]], {"running"})
    assert contributed(ce)["running"] == 1
    ce.kill()
    gate.open()
    ce.start()
    ce.wait([pilot["id"]])
    ce.kill()
    ce.start()
    found, attempt = contributed(ce), ce.show(pilot["id"])["attempt"]
    assert (found["ended"], found["running"], found["not_known"]) == (1, 0, 0)
    # Slurm tells whole seconds, of a start that may be a moment before we began the attempt.
    assert found["granted"] * 3600 == pytest.approx(core_seconds(attempt), abs=2.1)
    assert found["asked"] == 2 * 1.5
    used = attempt["user_cpu_s"] + attempt["system_cpu_s"]
    assert found["used"] * 3600 == pytest.approx(used, abs=2)
    assert (found["failed"], found["early"], found["unclassed"]) == (0, 0, 0)


def test_a_pilot_that_never_ran_was_granted_nothing(ce: Ce) -> None:
    pilot, waiting = (
        ce.submit("#!/bin/sh\nexec sleep 600\n", attributes={"xcount": 64, "maxWallTime": 15})
        for _ in range(2)
    )
    ce.wait_until(lambda: bool(ce.show(waiting["id"])["batch_id"]), 60, "not submitted")
    ids = [pilot["id"], waiting["id"]]
    idle = next(i for i in sorted(ids, reverse=True) if ce.show(i)["state"] == "idle")
    ce.client.delete(f"/api/v1/pilots/{idle}")
    ce.wait([idle])
    attempt = ce.show(idle)["attempt"]
    assert (attempt["granted"], attempt["started_at"], attempt["user_cpu_s"]) == (None, None, None)
    assert attempt["outcome"] == "cancelled"
    found = contributed(ce)
    assert (found["never_ran"], found["ended"], found["not_known"]) == (1, 0, 0)
    for pilot_id in ids:
        ce.client.delete(f"/api/v1/pilots/{pilot_id}")
    ce.wait(ids)
