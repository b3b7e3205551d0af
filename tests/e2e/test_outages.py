"""Outages of a real site are told with their cause: its batch system, its login node, its key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
AFTER_S = "2"
SOON = 90


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    """A CE that tells outages after two seconds, with a pilot that runs."""
    ce = Ce(lab, tmp_path, environment={"HOSTED_CE_INCIDENT_AFTER": AFTER_S})
    ce.start()
    try:
        pilot = ce.submit("#!/bin/sh\nexec sleep 600\n")["id"]
        ce.wait([pilot], {"running"}, 60)
        yield ce
        ce.client.delete(f"/api/v1/pilots/{pilot}").raise_for_status()
        ce.wait([pilot])
    finally:
        ce.stop()


def incidents(ce: Ce) -> list[dict[str, Any]]:
    """All of them, the newest first."""
    found: list[dict[str, Any]] = (
        ce.client.get("/api/v1/site/incidents").raise_for_status().json()["incidents"]
    )
    return found


def told(ce: Ce, cause: str) -> dict[str, Any]:
    """The outage of this cause, when it is told: the only one that lasts."""
    ce.wait_until(
        lambda: [one["cause"] for one in incidents(ce) if one["ended_at"] is None] == [cause], SOON,
        f"no outage {cause}",
    )  # fmt: skip
    return incidents(ce)[0]


def over(ce: Ce, number: int) -> dict[str, Any]:
    """The outage of this number, when it is over."""
    ce.wait_until(lambda: all(one["ended_at"] for one in incidents(ce)), SOON, f"outage {number} is not over")
    return next(one for one in incidents(ce) if one["id"] == number)


def again(ce: Ce) -> None:
    """An operator says that it is mended, so that nobody waits for the next try."""
    ce.client.post("/api/v1/site/clusters/lab/resume").raise_for_status()


def test_each_outage_has_its_cause_and_its_end(ce: Ce, lab: Lab) -> None:
    assert incidents(ce) == []
    lab.slurm.stop_controller()
    try:
        batch = told(ce, "batch_down")
        assert (batch["place"], batch["pilots"], batch["mover"]) == ("lab", 1, "site")
        assert "slurm" in batch["said"].lower()
        [entry] = yaml.safe_load(ce.client.get(f"/api/v1/site/incidents/{batch['id']}/downtime").text)
        assert (entry["ResourceName"], entry["Severity"]) == ("Lab-CE1", "Outage")
    finally:
        lab.slurm.start_controller()
    again(ce)
    assert over(ce, batch["id"])["seconds"] >= float(AFTER_S)

    lab.sshd.stop()
    lab.sshd.kill_sessions()
    try:
        login = told(ce, "login_unreachable")
        ce.kill()
        ce.start()
        assert told(ce, "login_unreachable")["id"] == login["id"], "a restart tells it no second time"
    finally:
        lab.sshd.start()
    again(ce)
    over(ce, login["id"])

    keys = lab.sshd.private_key.parent / "authorized_keys"
    aside = keys.rename(keys.with_suffix(".aside"))
    lab.sshd.kill_sessions()
    try:
        key = told(ce, "key_refused")
        assert "authorized_keys" in key["todo"]
    finally:
        aside.rename(keys)
    again(ce)
    over(ce, key["id"])
    assert [one["cause"] for one in incidents(ce)] == ["key_refused", "login_unreachable", "batch_down"]
