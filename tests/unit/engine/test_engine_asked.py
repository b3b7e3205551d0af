"""What a round asks the site for: nothing that grows with pilots of which everything is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bosco.gateway import Evidence
from hosted_ce.pilots.states import State
from tests.fakes.bench import Bench, stamp_of


@pytest.fixture
def asked(ce: Bench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stamps that somebody wants something told of, other than by the one listing of a round."""
    stamps: list[str] = []
    evidence, output, accounting = ce.site.evidence, ce.site.output, ce.site.accounting

    async def told_evidence(wanted: Sequence[str]) -> dict[str, Evidence]:
        stamps.extend(wanted)
        return await evidence(wanted)

    async def told_output(stamp: str, name: str, limit: int) -> Any:
        stamps.append(stamp)
        return await output(stamp, name, limit)

    async def told_accounting(since: float, **wanted: Sequence[str]) -> Any:
        stamps.extend(name for names in wanted.values() for name in names)
        return await accounting(since, **wanted)

    monkeypatch.setattr(ce.site, "evidence", told_evidence)
    monkeypatch.setattr(ce.site, "output", told_output)
    monkeypatch.setattr(ce.site, "accounting", told_accounting)
    return stamps


async def test_a_pilot_that_is_over_or_runs_is_asked_about_no_more(ce: Bench, asked: list[str]) -> None:
    over = [await ce.ended() for _ in range(5)]
    runs = await ce.running()
    await ce.rounds(1)
    assert {(await ce.pilot(pilot.id)).state for pilot in over} == {State.COMPLETED}
    assert {stamp_of(pilot) for pilot in over} <= set(asked), "they are asked about when they end"
    asked.clear()
    await ce.rounds(3)
    assert {job.stamp for job in (await ce.site.listing()).observations} >= {stamp_of(runs)}
    assert asked == [], "although the batch system lists them still"


async def test_a_pilot_that_ends_is_asked_about_alone(ce: Bench, asked: list[str]) -> None:
    for _ in range(5):
        await ce.ended()
    waits = await ce.running()
    await ce.rounds(1)
    asked.clear()
    ce.site.finish(stamp_of(waits), 0)
    await ce.rounds(3)
    assert (await ce.pilot(waits.id)).state is State.COMPLETED
    assert set(asked) == {stamp_of(waits)}
    assert len(asked) <= 4, "once by observing, once by fetching, and its two outputs"
