"""Random configurations and pilots: the same routes and routed ads as HTCondor, attribute by attribute.

`make differential` runs many more of the same (`tests/e2e/routing/campaign.py`), and one again by its seed:
`--kind language --start SEED --batches 1`.
"""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.e2e.routing.batches import BATCHES
from tests.e2e.routing.compare import compare
from tests.e2e.routing.oracle import Oracle

EXAMPLES = int(os.environ.get("HOSTED_CE_DIFFERENTIAL_EXAMPLES", "300"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", BATCHES)
def test_htcondor_and_we_route_the_same(oracle: Oracle, kind: str) -> None:
    compared = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(st.integers(0, 2**63))
    def holds(seed: int) -> None:
        nonlocal compared
        batch = BATCHES[kind](Random(seed))
        result = compare(oracle, batch)
        compared += result.pilots
        note("\n".join((batch.config, *batch.ads)))
        assert result.differences == ()

    holds()
    assert compared >= EXAMPLES / 4, "nearly nothing was compared"
