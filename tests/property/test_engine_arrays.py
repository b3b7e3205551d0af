"""The engine where pilots share job arrays, against everything that a site may do, in any order."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes.arrays import ArrayBench
from tests.fakes.machine import Engine
from tests.fakes.postgresql import Server
from tests.property.test_engine_model import BOUNDED

pytestmark = pytest.mark.timeout(600)  # it searches, and on a busy machine for long


class Arrays(Engine):
    """The same rules."""

    bench_type = ArrayBench


def test_no_pilot_of_an_array_is_lost_doubled_or_called_what_it_is_not(
    database_server: Server | None,
) -> None:
    here = type("Here", (Arrays,), {"server": database_server})
    run_state_machine_as_test(here, settings=settings(BOUNDED, max_examples=15))
