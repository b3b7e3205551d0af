"""What is wrong at a place: one cause only, the nearest to us; and nothing where nothing is known."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from hosted_ce.incidents.cause import ABOUT, Cause, Severity
from hosted_ce.incidents.downtime import draft
from hosted_ce.incidents.incident import FRONT_DOOR, Incident
from hosted_ce.incidents.signs import ClusterSeen, RefusedRoute, Sign, Waiting, sign_of, sign_of_door
from hosted_ce.pilots.end_classes import EndClass

FAIL = [EndClass.NO_CVMFS] * 5
DOWN = "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions"


def cause(**changes: Any) -> Cause | None:
    sign = sign_of(ClusterSeen("main", **({"in_contact": True} | changes)))
    assert sign
    return sign.cause


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"in_contact": False, "error": "HostKeyRefused"}, Cause.HOST_KEY_CHANGED),
        ({"in_contact": False, "error": "LoginRefused"}, Cause.KEY_REFUSED),
        ({"in_contact": False, "error": "Unreachable"}, Cause.LOGIN_UNREACHABLE),
        ({"in_contact": False, "error": None}, Cause.LOGIN_UNREACHABLE),
        ({"in_contact": False, "error": "AgentUnusable"}, Cause.AGENT_UNUSABLE),
        ({"in_contact": False, "error": "OtherSpool"}, Cause.AGENT_UNUSABLE),
        ({"problem": "slurm_load_jobs error"}, Cause.BATCH_DOWN),
        ({"problem": "slurm_load_jobs error", "listed": False}, Cause.BATCH_DOWN),
        ({"refused": [RefusedRoute("r", False, 3, "Invalid account")]}, Cause.SUBMISSIONS_REFUSED),
        ({"refused": [RefusedRoute("r", False, 2, "Invalid account")]}, None),
        ({"refused": [RefusedRoute("r", True, 99, "QOSMaxSubmitJobPerUserLimit")]}, None),
        ({"waiting": [Waiting("r", "PartitionDown", 3)]}, Cause.QUEUE_DOWN),
        ({"waiting": [Waiting("r", DOWN, 3)]}, Cause.QUEUE_DOWN),
        ({"waiting": [Waiting("r", "Not Running: Queue not started.", 3)]}, Cause.QUEUE_DOWN),
        ({"waiting": [Waiting("r", "PartitionDown", 3), Waiting("r", "Priority", 1)]}, None),
        ({"waiting": [Waiting("a", "Priority", 3), Waiting("b", "PartitionDown", 1)]}, Cause.QUEUE_DOWN),
        ({"waiting": [Waiting("r", "Resources", 3), Waiting("q", None, 1)]}, None),
        ({"squid": "NET-2 failed on n1"}, Cause.SQUID_DEAD),
        ({"squid": "NET-2 failed on n1", "ends": FAIL}, Cause.SQUID_DEAD),
        ({"ends": FAIL}, Cause.PILOTS_FAIL),
        ({"ends": FAIL[:4]}, None),
        ({"ends": [*FAIL, EndClass.NORMAL]}, None),
        ({"ends": [*FAIL, EndClass.WALLTIME]}, None),
    ],
)  # fmt: skip
def test_each_sign_has_its_cause(changes: dict[str, Any], expected: Cause | None) -> None:
    assert cause(**changes) is expected


def test_what_is_nearest_to_us_hides_what_is_behind_it() -> None:
    everything: dict[str, Any] = {
        "error": "LoginRefused", "problem": "no", "refused": [RefusedRoute("r", False, 9, "no")],
        "waiting": [Waiting("r", "PartitionDown", 1)], "ends": FAIL,
    }  # fmt: skip
    assert cause(**everything, in_contact=False) is Cause.KEY_REFUSED
    assert cause(**everything) is Cause.BATCH_DOWN
    assert cause(**everything | {"problem": None}) is Cause.SUBMISSIONS_REFUSED
    assert cause(**everything | {"problem": None, "refused": []}) is Cause.QUEUE_DOWN


def test_before_the_first_look_nothing_is_known() -> None:
    assert sign_of(ClusterSeen("main", in_contact=None, problem="x")) is None
    assert sign_of(ClusterSeen("main", in_contact=True, listed=False)) is None
    assert sign_of_door(None, None) is None


def test_the_door() -> None:
    assert sign_of_door(False, "no schedd") == Sign(FRONT_DOOR, Cause.DOOR_DOWN, "no schedd")
    well = sign_of_door(True, "jobs wait")
    assert well
    assert well.cause is None


def test_every_cause_has_its_words() -> None:
    assert set(ABOUT) == set(Cause)


def test_a_draft_for_topology_is_what_it_has_in_its_files() -> None:
    said = 'cannot connect: "no route"\nto host'
    over = Incident("main", Cause.LOGIN_UNREACHABLE, 1_754_976_000.0, 1.0, said, 3, 1_754_979_600.0, 7)
    text = draft(over, "UW-IT-CE1", "UW-IT", 1_754_990_000.0)
    [entry] = yaml.safe_load(text)
    assert entry == {
        "Class": "UNSCHEDULED",
        "Description": 'The login node cannot be reached: cannot connect: "no route" to host',
        "Severity": "Outage", "StartTime": "Aug 12, 2025 05:20 +0000",
        "EndTime": "Aug 12, 2025 06:20 +0000", "CreatedTime": "Aug 12, 2025 09:13 +0000",
        "ResourceName": "UW-IT-CE1", "Services": ["CE"],
    }  # fmt: skip
    assert list(entry)[:4] == ["Class", "Description", "Severity", "StartTime"]
    assert "UW-IT_downtime.yaml" in text
    assert text.rstrip().endswith("# ---------------------------------------------------------")


def test_of_an_outage_that_lasts_the_end_is_a_guess_and_says_so() -> None:
    lasting = Incident("main", Cause.PILOTS_FAIL, 1_754_976_000.0, 1.0, "x")
    text = draft(lasting, "R", None, 1_754_990_000.0)
    assert "EndTime is a day from now" in text
    [entry] = yaml.safe_load(text)
    assert (entry["EndTime"], entry["Severity"]) == ("Aug 13, 2025 09:13 +0000", Severity.SEVERE.value)
