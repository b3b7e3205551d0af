"""A node that kills pilots gets none for a while: a whole CE in front of a real Slurm with another node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab import requirements
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab, running_lab
from tests.e2e.lab.slurm_conf import NODE

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
NO_CVMFS = "#!/bin/sh\necho '=== Validation error in /tmp/glide/client/cvmfs_setup.sh ===' >&2\nexit 1\n"
WELL = "#!/bin/sh\necho all is well\n"


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[Lab]:
    """The second one never comes up."""
    if unmet := requirements.unmet():
        pytest.fail(unmet, pytrace=False)
    with running_lab(LabOptions(second_node=True, accounting=False)) as lab:
        yield lab


@pytest.fixture
def ce(two_nodes: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(two_nodes, tmp_path, avoid_nodes={"after": 2, "lasting": "1h", "at_most": 1}, poll="1s")
    ce.start()
    yield ce
    ce.kill()


def act(ce: Ce, verb: str, node: str = NODE, **asked: str) -> dict[str, Any]:
    path = f"/api/v1/site/clusters/lab/nodes/{node}/{verb}"
    found: dict[str, Any] = ce.client.post(path, params=asked).raise_for_status().json()
    return found


def test_a_node_that_kills_pilots_is_avoided_until_it_is_allowed(ce: Ce, two_nodes: Lab) -> None:
    failed = ce.wait(ce.submit(NO_CVMFS)["id"] for _ in range(2))
    assert {pilot["outcome_class"] for pilot in failed} == {"no_cvmfs"}

    def node() -> dict[str, Any]:
        [found] = ce.client.get("/api/v1/nodes").raise_for_status().json()["nodes"]
        return dict(found)

    ce.wait_until(lambda: node()["avoided"], 60, "the node is not avoided")
    assert (node()["name"], node()["avoided"]["actor"]) == (NODE, "engine")
    kept_off = ce.submit(WELL)["id"]
    ce.wait_until(
        lambda: "ReqNodeNotAvail" in ce.show(kept_off)["reason"], 60, "it does not wait for the other node"
    )
    assert ce.show(kept_off)["attempt"]["request"]["left_out"] == [NODE]

    assert act(ce, "allow")["ended_by"] == "rest:operator"
    [done] = ce.wait([ce.submit(WELL)["id"]])
    assert (done["state"], done["node"], done["outcome_class"]) == ("completed", NODE, "normal")
    assert ce.show(kept_off)["state"] == "idle", "a stamp always asks for the same"
    ce.client.delete(f"/api/v1/pilots/{kept_off}").raise_for_status()
    ce.wait([kept_off])


def test_a_node_that_slurm_does_not_know_holds_no_pilot(ce: Ce) -> None:
    act(ce, "avoid", "no-such-node", **{"for": "1h", "force": "true"})
    [done] = ce.wait([ce.submit(WELL)["id"]], seconds=90)
    assert (done["state"], done["attempt_number"]) == ("completed", 2)
    health = ce.client.get("/api/v1/site").raise_for_status().json()["health"]
    assert "Invalid node name specified" in str(health["reasons"])
