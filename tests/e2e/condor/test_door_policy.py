"""What the CE does by itself: with short times here, which are a site file's to set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.e2e.condor.factory import Factory
from tests.e2e.condor.hosted import HELD, RUNNING, Way, running_way
from tests.e2e.condor.lab import CondorLab
from tests.e2e.condor.submit_file import Literal
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
SHORT = {"no_route_hold": "5s", "held_remove": "60s", "vanished_grace": "5s"}
PILOTS: Mapping[str, tuple[str, Mapping[str, Literal]]] = {
    "NoRoute": ("exit 0", {"xcount": 4000}),
    "ForcedHeld": ("exit 0", {"queue": "nosuchqueue"}),
    "GoneHere": ("exec sleep 900", {}),
}
ROUTES = [
    {
        "name": "small",
        "when": "xcount < 100",
        "request": {"walltime": "10m", "memory": "10 MB"},
        "limits": {"pilots": 100, "idle": 100},
    }
]


@pytest.fixture(scope="module")
def way(lab: Lab, condor_lab: CondorLab, factory: Factory) -> Iterator[Way]:
    with running_way(lab, condor_lab, factory, "policy.lab.test", policy=SHORT, routes=ROUTES) as way:
        yield way


@pytest.fixture(scope="module")
def sent(way: Way) -> dict[str, str]:
    return {row: way.send(main, entry=way.entry(row, **more))[0] for row, (main, more) in PILOTS.items()}


def test_a_pilot_that_no_route_takes_is_held_with_the_clause_that_was_false(
    way: Way, sent: dict[str, str]
) -> None:
    ad = way.wait_job(sent["NoRoute"], HELD, seconds=120)
    assert (ad["HoldReasonCode"], ad["HoldReasonSubCode"]) == (9619, 2)
    assert ad["HoldReason"].startswith("HostedCE[Lab-CE1] route:")
    assert "small: `xcount < 100` is false" in ad["HoldReason"]


def test_o2_a_held_pilot_that_its_factory_forgot_is_removed(way: Way, sent: dict[str, str]) -> None:
    job = sent["ForcedHeld"]
    way.wait_job(job, HELD)
    key = way.pilot(job)
    assert key is not None
    way.factory.forget([job])
    way.ce.wait_until(
        lambda: way.ce.show(key["id"])["state"] == "removed", 200, "what the factory forgot stays for ever"
    )
    way.wait_gone(job)
    [left] = way.schedd.history("RemoveReason", constraint=f'GlobalJobId == "{key["door_key"]}"')
    assert "it was held for" in left["RemoveReason"]


def test_a_job_that_is_gone_from_the_queue_has_its_batch_job_ended(way: Way, sent: dict[str, str]) -> None:
    """An operator forces it out at the CE: nobody will ever ask for it again."""
    job = sent["GoneHere"]
    pilot = way.wait_pilot(job, "running")
    way.wait_job(job, RUNNING)
    at_ce = way.at_ce(job)
    assert at_ce is not None
    way.schedd.tool("condor_rm", f"{at_ce['ClusterId']}.{at_ce['ProcId']}")
    way.schedd.tool("condor_rm", "-forcex", f"{at_ce['ClusterId']}.{at_ce['ProcId']}")
    way.ce.wait_until(lambda: pilot["stamp"] not in way.alive_at_site(), 180, "its batch job runs on")
    way.ce.wait_until(lambda: way.ce.show(pilot["id"])["state"] == "removed", 60, "it is not removed")
