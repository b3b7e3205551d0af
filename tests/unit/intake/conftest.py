"""Fixtures of the front doors' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.database import quick_folder
from tests.fakes.door import DoorBench, door_bench


@pytest.fixture
async def ce(url: str) -> AsyncIterator[DoorBench]:
    """A CE with the factory's door, a cluster in memory, and a factory."""
    with quick_folder() as folder:
        async with door_bench(url, folder) as made:
            yield made
