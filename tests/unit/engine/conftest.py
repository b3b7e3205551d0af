"""Fixtures of the engine's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.bench import Bench, bench


@pytest.fixture
async def ce(url: str) -> AsyncIterator[Bench]:
    """The engine, with a cluster in memory."""
    async with bench(url) as made:
        yield made
