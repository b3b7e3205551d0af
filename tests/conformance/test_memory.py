"""The cluster in memory passes what the real ones pass."""

from __future__ import annotations

import pytest

from tests.conformance.bench import Bench
from tests.conformance.benches.memory import MemoryBench
from tests.conformance.cases import Conformance


class TestMemory(Conformance):
    """Nothing here is real, not even the time."""

    @pytest.fixture
    def bench(self) -> Bench:
        """A new one for each test."""
        return MemoryBench()
