"""A pilot that is to end gets SIGTERM and a time of grace, on a real Slurm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
HEEDS = """#!/bin/bash
end() { echo got TERM; sleep 2; echo the last line; exit 0; }
trap end TERM
echo begun
while :; do sleep 0.1; done
"""
IGNORES = "#!/bin/bash\ntrap 'echo no' TERM\necho begun\nwhile :; do sleep 0.1; done\n"


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path, cancel_grace="4s")
    ce.start()
    yield ce
    ce.kill()


def removed(ce: Ce, pilot_id: int) -> dict[str, object]:
    ce.client.delete(f"/api/v1/pilots/{pilot_id}").raise_for_status()
    [done] = ce.wait([pilot_id])
    assert done["state"] == "removed"
    return done


def running(ce: Ce, script: str) -> int:
    pilot_id = int(ce.submit(script)["id"])
    ce.wait([pilot_id], {"running"})
    return pilot_id


def test_a_pilot_that_heeds_SIGTERM_has_its_whole_output_and_its_exit_code(ce: Ce) -> None:
    pilot_id = running(ce, HEEDS)
    done = removed(ce, pilot_id)
    assert (done["outcome"], done["exit_code"]) == ("exited", 0)
    assert ce.output(pilot_id) == b"begun\ngot TERM\nthe last line\n"
    assert ce.output(pilot_id, "stderr") == b""
    assert ce.show(pilot_id)["attempt"]["cancels"] == 1


def test_a_pilot_that_ignores_SIGTERM_is_ended_after_the_grace(ce: Ce, lab: Lab) -> None:
    pilot_id = running(ce, IGNORES)
    done = removed(ce, pilot_id)
    assert done["outcome"] == "cancelled"
    assert ce.output(pilot_id).startswith(b"begun\nno\n")
    asked = [event for event in ce.show(pilot_id)["history"] if event["what"] == "cancel_asked"]
    assert [event["data"]["gentle"] for event in asked] == [True, False]
    assert "CANCELLED" in {job.state for job in lab.slurm.jobs() if job.id == done["batch_id"]}


def test_a_pilot_that_waits_is_cancelled_at_once(ce: Ce) -> None:
    first, second = (ce.submit(HEEDS, attributes={"xcount": 64}) for _ in range(2))
    ce.wait_until(lambda: {pilot["state"] for pilot in ce.pilots()} == {"running", "idle"}, 60, "no queue")
    waiting = next(pilot["id"] for pilot in ce.pilots() if pilot["state"] == "idle")
    ce.wait_until(lambda: bool(ce.show(waiting)["batch_id"]), 60, "not submitted")
    assert removed(ce, waiting)["node"] is None
    assert ce.show(waiting)["attempt"]["cancels"] == 1
    for pilot in (first, second):
        ce.client.delete(f"/api/v1/pilots/{pilot['id']}")
    ce.wait([first["id"], second["id"]])
