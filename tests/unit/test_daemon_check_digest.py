"""What checks said: in a digest, and whether a web proxy is dead."""

from __future__ import annotations

import pytest

from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Known, Run, RunState, Worse
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks.digest import AGAIN_S, SQUID, Squids, checked
from tests.fakes.clock import Clock

NOW = 1_770_000_000.0
DAY_S = 86_400.0
FAILS = Result(SQUID, Verdict.FAIL, "no answer in 10 s", "n1")
WORSE = Worse(SQUID, "n1", Verdict.PASS, Verdict.FAIL, "no answer in 10 s")


def run(number: int, at: float, state: RunState = RunState.DONE, *worse: Worse) -> Run:
    counts = {"pass": 30, "fail": 1}
    return Run(number, "main", state, Asked(), "schedule", at, at, None, counts, (FAILS,), worse)


class Told:
    """Some runs, the newest first; and what is known of checks."""

    def __init__(self, *runs: Run, known: Known | None = None):
        self.runs, self.verdicts, self.asked = list(runs), dict(known or {}), 0

    async def latest(self, limit: int, cluster: str | None = None) -> list[Run]:
        return [one for one in self.runs if one.cluster == cluster][:limit]

    async def get(self, run_id: int) -> Run | None:
        return next((one for one in self.runs if one.id == run_id), None)

    async def known(self, cluster: str, before: int) -> Known:
        self.asked += 1
        return self.verdicts


async def test_the_last_run_that_got_to_its_end_and_what_became_worse_in_all() -> None:
    told = Told(
        run(4, NOW + 60), run(3, NOW - 60, RunState.RUNNING), run(2, NOW - DAY_S),
        run(1, NOW - 3 * DAY_S, RunState.DONE, WORSE), run(0, NOW - 9 * DAY_S, RunState.DONE, WORSE),
    )  # fmt: skip
    [found] = await checked(told, ["main", "other"], NOW - 7 * DAY_S, NOW)
    assert (found.cluster, found.at, found.verdicts["fail"]) == ("main", NOW - DAY_S, 1)
    assert found.worse == (
        "NET-2 The web proxy really fetches (n1) was pass and became fail: no answer in 10 s",
    )
    [failed] = found.failed
    assert failed.startswith("NET-2 The web proxy really fetches (n1): no answer in 10 s. What to do: ")


async def test_a_site_that_was_never_checked_is_in_no_digest() -> None:
    assert await checked(Told(run(1, NOW, RunState.INTERRUPTED)), ["main"], 0.0, NOW + 1) == []


@pytest.mark.parametrize(
    ("known", "dead"),
    [
        ({}, False),
        ({(SQUID, "n1"): Verdict.FAIL}, True),
        ({(SQUID, "n1"): Verdict.FAIL, (SQUID, "n2"): Verdict.FAIL, ("CV-1", "n1"): Verdict.PASS}, True),
        ({(SQUID, "n1"): Verdict.FAIL, (SQUID, "n2"): Verdict.PASS}, False),
        ({("CV-1", "n1"): Verdict.FAIL}, False),
    ],
)
async def test_a_web_proxy_is_dead_where_no_node_fetches(known: Known, dead: bool) -> None:
    said = await Squids(Told(known=known), lambda: NOW).dead("main")
    assert (said is not None) == dead
    assert not dead or "n1" in (said or "")


async def test_it_is_looked_up_once_a_minute() -> None:
    told, clock = Told(known={(SQUID, "n1"): Verdict.FAIL}), Clock()
    squids = Squids(told, clock)
    assert await squids.dead("main")
    told.verdicts = {(SQUID, "n1"): Verdict.PASS}
    assert await squids.dead("main"), "as it was"
    clock.advance(AGAIN_S)
    assert await squids.dead("main") is None
    assert told.asked == 2
