"""What a site has done before its pilots, from the site file to the worker node of a real Slurm and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PREPARES = """\
module() { LOADED="$* for $PROJECT"; export LOADED; }
module load apptainer
echo "prepared on $(uname -n)"
ulimit -n 99
"""
ROUTES = [
    {
        "name": "broken",
        "when": "Broken =?= true",
        "request": {"walltime": "10m", "memory": "10 MB", "prologue": "echo 'no such thing' >&2\nexit 4\n"},
    },
    {
        "name": "prepared",
        "request": {
            "walltime": "10m",
            "memory": "10 MB",
            "extra": ['= strcat("--nice=", Nice)'],
            "environment": {"PROJECT": "= ProjectName", "MEMORY_MB": "= RequestMemory"},
            "prologue": PREPARES,
        },
    },
]
SHOWS = '#!/bin/sh\nprintf \'%s|\' "$LOADED" "$MEMORY_MB" "$(ulimit -n)"\n'


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path, scratch="/tmp", site={"routes": ROUTES})
    ce.start()
    yield ce
    ce.kill()


def test_a_prologue_prepares_the_node_and_keeps_pilots_off_one_that_it_cannot_prepare(
    ce: Ce, lab: Lab
) -> None:
    hostile = "chem; touch gone $(touch gone)"
    good = ce.submit(SHOWS, attributes={"ProjectName": hostile, "Nice": "77", "maxMemory": 20})
    bad = ce.submit(SHOWS, attributes={"Broken": True})
    [done] = ce.wait([good["id"]])
    assert (done["state"], done["exit_code"]) == ("completed", 0)
    assert ce.output(good["id"]).decode() == f"load apptainer for {hostile}|20|99|"
    assert ce.output(good["id"], "stderr").startswith(b"prepared on ")
    nice = lab.slurm.command("scontrol", "show", "job", done["batch_id"]).stdout
    assert "Nice=77" in (nice.decode() if isinstance(nice, bytes) else nice)

    ce.wait_until(lambda: bool(_failed(ce, bad["id"])), 60, "the failed attempt is not over")
    shown = ce.show(bad["id"])
    [ended] = _failed(ce, bad["id"])
    assert ended["data"]["class"] == "prologue_failed"
    assert "prologue: exit code 4 before the pilot began" in shown["reason"]
    assert "no such thing" in ce.output(bad["id"], "stderr").decode()
    ce.client.delete(f"/api/v1/pilots/{bad['id']}").raise_for_status()


def _failed(ce: Ce, pilot_id: int) -> list[dict[str, Any]]:
    return [event for event in ce.show(pilot_id)["history"] if event["what"] == "attempt_failed"]
