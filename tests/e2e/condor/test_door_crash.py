"""Anything on the way dies, hangs or goes away: afterwards the queue, our store and the site agree."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosted_ce.intake.condor.queue import QUERY_TIMEOUT_S
from tests.e2e.ce import names_at_site, stamps_of
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import COMPLETED, HELD, RUNNING, Way, running_way
from tests.e2e.condor.instance import Ad
from tests.e2e.condor.lab import CondorLab
from tests.e2e.gate import Gate
from tests.e2e.lab import process
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
GRIDMANAGERS_OWN_S = 400
"""A gridmanager waits 300 s after some of its failures, and no configuration changes that."""
CUT_OFF = ("Job disappeared from remote schedd", "Error sending files to schedd")
"""Why a gridmanager holds a job whose transfer was cut off: the CE removed it, or it failed several times."""
CHILD = "hosted_ce.intake.condor.child"


@pytest.fixture(scope="module")
def way(lab: Lab, condor_lab: CondorLab, factory: Factory) -> Iterator[Way]:
    with running_way(lab, condor_lab, factory, "crash.lab.test", policy={"stage_in_remove": "20s"}) as way:
        yield way


def check_all_agree(way: Way, sent: list[str], name: str, **expected: int) -> None:
    """Every pilot came home once, ran once, and has one record and one attempt here."""
    over = way.wait_over(sent, 150)
    assert Counter(ad["JobStatus"] for ad in over.values()) == {COMPLETED: len(sent)}
    assert {ad["ExitCode"] for ad in over.values()} == {5}
    for job in sent:
        assert way.factory.outputs(job, way.entry(name))[0].decode() == f"whole {job}\n"
        way.wait_gone(job)
    mine = [p for p in way.ce.pilots() if p["attributes"].get("GlideinEntryName") == name]
    assert len(mine) == len(sent)
    assert {(p["state"], p["attempt_number"]) for p in mine} == {("completed", 1)}
    at_site = Counter(names_at_site(way.lab))
    assert [at_site[stamp] for stamp in stamps_of(mine)] == [1] * len(sent)


WHOLE = 'sleep 3; shift $(($# - 4)); echo "whole $2.$4"; exit 5'


def test_our_daemon_is_killed_again_and_again_while_pilots_come_and_go(way: Way) -> None:
    sent = way.send(WHOLE, entry=way.entry("Killed"), count=30)
    way.ce.wait_until(lambda: len(way.ce.pilots()) > 0, 60, "no pilot comes")
    for pause in (0.3, 1.0, 0.1, 2.0, 0.6, 1.5):
        time.sleep(pause)
        way.ce.kill()
        way.ce.start()
    check_all_agree(way, sent, "Killed")


@pytest.mark.timeout(900)
def test_the_schedd_is_killed_while_pilots_arrive_and_while_they_run(way: Way) -> None:
    """A schedd forgets the transfers that it died in; the CE removes such jobs, so that they come again."""
    sent = way.send(WHOLE, entry=way.entry("Schedd"), count=20)
    way.ce.wait_until(lambda: way.schedd.queue("ClusterId") != [], 60, "no pilot arrives")
    for pause in (0.5, 6.0):
        time.sleep(pause)
        way.schedd.kill("condor_schedd")
        way.ce.wait_until(lambda: way.schedd.pids("condor_schedd") != [], 90, "the schedd stays away")
    over = way.wait_over(sent, GRIDMANAGERS_OWN_S)
    if cut_off := [job for job, ad in over.items() if ad["JobStatus"] == HELD]:
        assert [why for job in cut_off if not (why := over[job]["HoldReason"]).startswith(CUT_OFF)] == []
        way.factory.release(cut_off)
    check_all_agree(way, sent, "Schedd")


def test_what_a_restarted_schedd_gives_back_of_old_holds_is_taken_from_it_again(way: Way, gate: Gate) -> None:
    """A gridmanager that saw such a reason right after the transfer would ask for the job for ever."""
    sent = way.send(f"{gate.waits}; {WHOLE}", entry=way.entry("Given_back"), count=2)
    way.factory.wait_for(sent, RUNNING)
    assert way.schedd.queue("HoldReason", constraint="HoldReason isnt undefined") == []
    way.schedd.kill("condor_schedd")
    way.ce.wait_until(
        lambda: [ad.get("HoldReason") for ad in _running(way)] == [None, None], 60, "old holds are shown"
    )
    gate.open()
    check_all_agree(way, sent, "Given_back")


def test_a_schedd_that_hangs_and_a_child_that_dies_hurt_nothing_else(way: Way) -> None:
    sent = way.send(WHOLE, entry=way.entry("Hangs"), count=3)
    for job in sent:
        way.wait_pilot(job, "idle", "running", "completed")
    for pid in _children(way):
        process.kill(pid)
    pids = way.schedd.pids("condor_schedd")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        way.ce.wait_until(lambda: "did not answer" in _readiness(way), 60, "nobody notices")
        # Who waits for the schedd waits until that question is given up.
        assert way.ce.client.get("/api/v1/pilots", timeout=QUERY_TIMEOUT_S / 2).is_success
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    check_all_agree(way, sent, "Hangs")
    way.ce.wait_until(lambda: "did not answer" not in _readiness(way), 60, "it is still called ill")


def test_a_factory_that_was_away_finds_its_pilots_as_they_ended(way: Way) -> None:
    sent = way.send(WHOLE, entry=way.entry("Gone"), count=3)
    way.factory.wait_for(sent, RUNNING, COMPLETED)
    way.factory.condor.stop()
    try:
        way.ce.wait_until(
            lambda: sum(p["state"] == "completed" for p in way.ce.pilots()[-3:]) == 3, 60, "they do not end"
        )
    finally:
        way.factory.condor.start()
    check_all_agree(way, sent, "Gone")


def _running(way: Way) -> list[Ad]:
    try:
        return way.schedd.queue("HoldReason", "JobStatus", constraint="JobStatus == 2")
    except process.LabError:  # it is not back yet
        return []


def _readiness(way: Way) -> str:
    checks = way.ce.client.get("/readyz").json()["checks"]
    return str([check for check in checks if check["name"] == "front door"])


def _children(way: Way) -> list[int]:
    found = []
    for pid in process.descendants(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if CHILD.encode() in command:
            found.append(pid)
    assert found, "no child process talks to the schedd"
    return found
