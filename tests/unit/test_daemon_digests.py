"""Weekly digests: written once when a week is over, and none of an empty week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.daemon.digests import KEPT, Digests, week_before
from hosted_ce.daemon.verifying import Verifier
from hosted_ce.digest.forms import Form
from hosted_ce.routing.route import Table
from hosted_ce.verification.facts import RouteFacts
from tests.api.world import SITE
from tests.fakes.clock import Clock

DAY_S = 86_400.0


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "name", "ended"),
    [
        ("2026-03-02T00:00:00", "2026-W09", "2026-03-02"), ("2026-03-08T23:59:59", "2026-W09", "2026-03-02"),
        ("2026-03-09T00:00:00", "2026-W10", "2026-03-09"), ("2027-01-04T08:00:00", "2026-W53", "2027-01-04"),
        ("2026-01-05T00:00:00", "2026-W01", "2026-01-05"),
    ],
)  # fmt: skip
def test_the_week_before_a_moment(now: str, name: str, ended: str) -> None:
    assert week_before(at(now)) == (name, at(ended))


class Told:
    """Runs of each span that was asked for, and no incidents."""

    def __init__(self) -> None:
        self.runs, self.asked = 30, list[tuple[float, float]]()

    async def between(self, since: float, until: float) -> list[RouteFacts]:
        self.asked.append((since, until))
        return [RouteFacts("r", "c", self.runs, 3600.0)] if self.runs else []

    async def since(self, at: float) -> Sequence[Any]:
        return []

    async def latest(self, limit: int, cluster: str | None = None) -> list[Any]:
        return []


@pytest.fixture
def told() -> Told:
    """What there is to tell."""
    return Told()


@pytest.fixture
def clock() -> Clock:
    """A Wednesday."""
    found = Clock()
    found.advance(at("2026-03-04T12:00:00") - found())
    return found


@pytest.fixture
def digests(told: Told, clock: Clock, tmp_path: Path) -> Digests:
    """Over no database."""
    verifier = Verifier(told, lambda: Table(()), {}, clock)
    others: Any = told
    return Digests(told, verifier, others, others, lambda: SITE, folder=tmp_path, now=clock)


async def test_a_week_is_written_once_in_each_form(digests: Digests, told: Told, tmp_path: Path) -> None:
    await digests.tick()
    assert {path.name for path in tmp_path.iterdir()} == {f"2026-W09.{form.value}" for form in Form}
    monday = at("2026-03-02")
    assert told.asked == [(monday - 7 * DAY_S, monday), (monday - 14 * DAY_S, monday - 7 * DAY_S)]
    await digests.tick()
    assert len(told.asked) == 2, "it is there"
    assert "30 runs" in (tmp_path / "2026-W09.txt").read_text()


async def test_an_empty_week_is_not_written(digests: Digests, told: Told, tmp_path: Path) -> None:
    told.runs = 0
    await digests.tick()
    assert list(tmp_path.iterdir()) == []


async def test_old_weeks_go(digests: Digests, clock: Clock, tmp_path: Path) -> None:
    for _ in range(KEPT + 2):
        await digests.tick()
        clock.advance(7 * DAY_S)
    names = sorted(path.name for path in tmp_path.glob("*.md"))
    assert (len(names), names[0]) == (KEPT, "2026-W11.md")


async def test_of_the_last_days(digests: Digests, told: Told, clock: Clock) -> None:
    found = await digests.of_last(3 * DAY_S)
    assert told.asked[0] == (clock() - 3 * DAY_S, clock())
    assert found.title == "Example-CE1 at Example-University"
