"""A job that a real Slurm has put back into its queue and holds: a person at the site has to release it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
HELD = "job requeued in held state"


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path)
    ce.start()
    yield ce
    ce.kill()


def _jobs(ce: Ce, phase: str) -> float:
    lines = ce.client.get("/metrics").raise_for_status().text.splitlines()
    name = f'hosted_ce_site_jobs{{cluster="lab",phase="{phase}"}} '
    return next((float(line.removeprefix(name)) for line in lines if line.startswith(name)), 0.0)


def test_SL10_a_job_in_requeue_hold_is_told_until_it_is_released(ce: Ce, lab: Lab) -> None:
    pilot = ce.submit("#!/bin/sh\nsleep 600\n")["id"]
    [running] = ce.wait([pilot], {"running"})
    job = running["batch_id"]
    lab.slurm.command("scontrol", "update", f"JobId={job}", "Requeue=1")
    lab.slurm.command("scontrol", "requeuehold", job)
    ce.wait_until(lambda: HELD in (ce.show(pilot)["reason"] or ""), 60, "nobody has seen that it is held")
    shown = ce.show(pilot)
    assert (shown["state"], shown["reason"]) == ("idle", f"held at the site: {HELD}")
    ce.wait_until(lambda: _jobs(ce, "held") == 1, 60, "the metric does not show it")
    [finding] = [one for one in ce.cluster()["findings"] if one["id"] == "held-at-site"]
    assert HELD in finding["said"]
    lab.slurm.command("scontrol", "release", job)
    ce.wait_until(lambda: _jobs(ce, "held") == 0, 60, "the metric still shows it")
    assert "held at the site" not in (ce.show(pilot)["reason"] or "")
    ce.client.delete(f"/api/v1/pilots/{pilot}").raise_for_status()
    ce.wait([pilot])
