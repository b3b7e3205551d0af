"""Pilots through the whole CE, on a campus whose batch system is HTCondor."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce, killed_in_the_middle
from tests.e2e.condor.campus import Campus, CampusOptions, running_campus
from tests.e2e.gate import Gate, gate_in
from tests.e2e.lab.daemons import run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=[True, False], ids=["shared-home", "file-transfer"])
def campus(request: pytest.FixtureRequest) -> Iterator[Campus]:
    """A pool of one node with 64 CPUs."""
    lines = ("PERIODIC_EXPR_INTERVAL = 4",)
    with running_campus(CampusOptions(shared_home=request.param, lines=lines)) as running:
        yield running


@pytest.fixture
def ce(campus: Campus, tmp_path: Path) -> Iterator[Ce]:
    """A CE for it."""
    domain = campus.filesystem_domain
    ce = Ce(campus, tmp_path, batch="htcondor", batch_options={"filesystem_domain": domain} if domain else {})
    ce.start()
    yield ce
    ce.kill()


@pytest.fixture
def gate(campus: Campus) -> Iterator[Gate]:
    """One at the campus."""
    with gate_in(campus.folder) as gate:
        yield gate


def jobs_of(campus: Campus, pilots: list[dict[str, object]]) -> list[int]:
    """How many jobs there are or were at the site for each pilot's stamp."""
    counted: Counter[str] = Counter()
    for tool in ("condor_q", "condor_history"):
        counted.update(campus.condor.tool(tool, *_ALL[tool], "-af", "HostedCEStamp").split())
    return [counted[str(pilot["stamp"])] for pilot in pilots]


_ALL = {"condor_q": ("-allusers",), "condor_history": ()}


def test_killed_while_thirty_are_submitted_there_are_thirty_jobs_and_no_more(ce: Ce, campus: Campus) -> None:
    script = "#!/bin/sh\nsleep 1\necho pilot $1\n"
    done = killed_in_the_middle(ce, script, [str(number) for number in range(30)], seconds=60)
    assert Counter(pilot["state"] for pilot in done) == {"completed": 30}
    assert sorted(ce.output(pilot["id"]) for pilot in done) == sorted(b"pilot %d\n" % n for n in range(30))
    assert jobs_of(campus, done) == [1] * 30
    assert all(pilot["attempt_number"] == 1 for pilot in done)


def test_a_running_pilot_is_removed_and_its_output_is_here(ce: Ce, campus: Campus) -> None:
    place = campus.folder / "begun"
    place.mkdir()
    place.chmod(0o777)
    body = f"trap 'echo heard; exit 3' TERM\necho begun\n>{place}/here\nwhile :; do sleep 0.1; done\n"
    pilot = ce.submit(f"#!/bin/sh\n{body}")
    ce.wait_until((place / "here").exists, 60, "it does not begin")
    ce.wait([pilot["id"]], {"running"})
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}", params={"reason": "no longer needed"})
    [done] = ce.wait([pilot["id"]])
    assert (done["state"], done["exit_code"]) == ("removed", 3)
    assert ce.output(pilot["id"]) == b"begun\nheard\n"


def test_an_evicted_pilot_is_over_and_says_so(ce: Ce, campus: Campus) -> None:
    pilot = ce.submit("#!/bin/sh\nexec sleep 600\n")
    [running] = ce.wait([pilot["id"]], {"running"})
    condor = campus.condor.environment

    def executes() -> bool:
        attribute = "JobCurrentStartExecutingDate"
        return run(["condor_q", running["batch_id"], "-af", attribute], condor).strip().isdigit()

    ce.wait_until(executes, 60, "it does not begin")
    run(["condor_vacate_job", running["batch_id"]], condor)
    [done] = ce.wait([pilot["id"]])
    assert done["outcome"] == "preempted"
    assert jobs_of(campus, [done]) == [1]


def test_a_pilot_that_is_held_at_the_site_says_why(ce: Ce, campus: Campus) -> None:
    pilot = ce.submit("#!/bin/sh\nexit 0\n", attributes={"maxMemory": 9_000_000})
    ce.wait_until(lambda: ce.show(pilot["id"])["batch_id"], 60, "it was not submitted")
    batch_id = ce.show(pilot["id"])["batch_id"]
    run(["condor_hold", "-reason", "the disk is full", batch_id], campus.condor.environment)

    def told() -> bool:
        return "the disk is full" in ce.show(pilot["id"])["reason"]

    ce.wait_until(told, 60, "the reason is not shown")
    assert ce.show(pilot["id"])["state"] == "idle"


def test_while_the_schedd_is_down_nothing_is_called_finished(ce: Ce, campus: Campus, gate: Gate) -> None:
    running = ce.submit(f"#!/bin/sh\n{gate.waits}\necho whole\n")
    ce.wait([running["id"]], {"running"})
    [master] = campus.condor.pids("condor_master")
    os.kill(master, signal.SIGSTOP)
    campus.condor.kill("condor_schedd")
    try:
        gate.open()
        late = ce.submit("#!/bin/sh\necho late\n")
        ce.wait_until(lambda: not ce.cluster()["submitting"], 60, "submission goes on")
    finally:
        os.kill(master, signal.SIGCONT)
    done = ce.wait([running["id"], late["id"]], seconds=180)
    assert [(pilot["state"], ce.output(pilot["id"])) for pilot in done] == [
        ("completed", b"whole\n"),
        ("completed", b"late\n"),
    ]
    assert jobs_of(campus, done) == [1, 1]
