"""Pilots that share job arrays, as a site file says it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hosted_ce.daemon.entry import cluster_of, gateway_of
from hosted_ce.engine.left_out import LeftOut
from hosted_ce.engine.pushback import PushBack
from hosted_ce.settings import Settings
from hosted_ce.site import Cluster
from tests.fakes import sites
from tests.fakes.clock import Clock


def cluster(**given: Any) -> Cluster:
    return sites.site(clusters={"main": sites.cluster(**given)}).clusters["main"]


@pytest.mark.parametrize(
    ("given", "together"), [(None, 1), ({}, 100), ({"most": 2}, 2), ({"most": 200}, 200)]
)
async def test_what_it_becomes(given: dict[str, int] | None, together: int) -> None:
    entry, now = cluster(**({} if given is None else {"arrays": given})), Clock()
    assert entry.codec_options == ({} if given is None else {"arrays": True})
    gateway = gateway_of(entry, lambda operation, seconds, outcome: None, lambda use: None)
    made = cluster_of("main", entry, Settings(), gateway, pushback=PushBack(now), left_out=LeftOut(now))
    assert made.together == together
    await gateway.close()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"arrays": {"most": 1}}, "greater than or equal to 2"),
        ({"arrays": {"most": 201}}, "less than or equal to 200"),
        ({"arrays": True}, "arrays"),
        ({"batch": "pbs", "arrays": {}}, "pilots of pbs cannot share job arrays"),
        ({"batch": "htcondor", "arrays": {"most": 5}}, "only slurm has arrays"),
        ({"shared_home": False, "arrays": {}}, "the nodes do not see it"),
    ],
)
def test_what_it_cannot_be(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        cluster(**given)
