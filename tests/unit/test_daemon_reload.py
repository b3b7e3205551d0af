"""When the site file is read again, and what is told of it. The files are real, the switch is not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from hosted_ce.api.ports.site_files import ReloadOutcome, ReloadRefused
from hosted_ce.audit.log import NoAudit
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.daemon.outlook import file_check
from hosted_ce.daemon.site_file.compare import Comparer
from hosted_ce.daemon.site_file.in_force import Compiled, SiteInForce, compiled
from hosted_ce.daemon.site_file.plan import Plan
from hosted_ce.daemon.site_file.reload import AGAIN_S, Reloads
from hosted_ce.daemon.site_file.switch import Switch
from hosted_ce.engine.hints import Hint
from hosted_ce.metrics import Metrics
from hosted_ce.routing.compile import check_expression
from hosted_ce.site import Problem
from hosted_ce.site.change_words import in_words
from hosted_ce.site.source import read_source
from tests.fakes.clock import Clock
from tests.fakes.sites import cluster, route, write_site


class FakeSwitch:
    """Puts in force what it is given, or raises `error`. `done` has the names of routes each time."""

    def __init__(self, force: SiteInForce) -> None:
        self.force = force
        self.done: list[list[str]] = []
        self.plans: list[Plan] = []
        self.error: Exception | None = None
        self.busy = 0

    async def to(self, new: Compiled, intended: Plan, found: Any) -> None:
        assert self.busy == 0, "two at a time"
        self.busy += 1
        await asyncio.sleep(0)
        self.busy -= 1
        if self.error:
            raise self.error
        self.done.append([each.name for each in new.table.routes])
        self.plans.append(intended)
        self.force.swap(new, 7.0, ("a chore",))


class Notes(NoAudit):
    """Keeps what was taken down: outcome, and who asked."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def note(self, record: Record) -> None:
        self.records.append(record)

    @property
    def words(self) -> list[str]:
        return [f"{record.outcome} by {record.facts['by']}" for record in self.records]


class Bench:
    def __init__(self, folder: Path) -> None:
        self.file = write_site(folder / "x.yaml", route("first"))
        self.clock = Clock()
        source = read_source(self.file, check_expression=check_expression)
        self.force = SiteInForce(compiled(source), self.clock())
        self.switch = FakeSwitch(self.force)
        self.metrics, self.hint, self.notes = Metrics(dict), Hint(), Notes()
        self.reloads = Reloads(
            self.force, cast(Switch, self.switch), cast(Comparer, None),
            metrics=self.metrics, now=self.clock, hint=self.hint, audit=self.notes,
        )  # fmt: skip

    def write(self, *names: str, **more: Any) -> None:
        write_site(self.file, *(route(name) for name in names), **more)

    async def ticks(self, number: int) -> None:
        for _ in range(number):
            await self.reloads.tick()

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)

    @property
    def routes(self) -> list[str]:
        return [each.name for each in self.force.table.routes]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_nothing_happens_while_nothing_changes(bench: Bench) -> None:
    await bench.ticks(5)
    assert bench.switch.done == []
    assert bench.value("hosted_ce_site_reloads_total", outcome="unchanged") is None


async def test_a_change_is_taken_when_it_is_still_there_at_the_next_look(bench: Bench) -> None:
    bench.write("second")
    await bench.ticks(1)
    assert bench.routes == ["first"]
    await bench.ticks(1)
    assert bench.routes == ["second"]
    await bench.ticks(5)
    assert bench.switch.done == [["second"]]
    assert bench.value("hosted_ce_site_reloads_total", outcome="loaded") == 1
    sha256 = bench.force.source.sha256
    assert bench.value("hosted_ce_site_file", sha256=sha256) == 1
    assert bench.value("hosted_ce_site_loaded_timestamp_seconds") == 7.0


async def test_a_file_that_is_half_written_is_neither_taken_nor_told(bench: Bench) -> None:
    bench.write("second", "third")
    whole = bench.file.read_text()
    for half in (whole[:40], whole[: len(whole) // 2]):
        bench.file.write_text(half)
        await bench.ticks(1)
    bench.file.write_text(whole)
    await bench.ticks(2)
    assert bench.switch.done == [["second", "third"]]
    assert bench.value("hosted_ce_site_reloads_total", outcome="refused") is None


async def test_one_that_stays_half_written_is_told_until_it_is_whole(bench: Bench) -> None:
    bench.write("second")
    whole = bench.file.read_text()
    bench.file.write_text(whole[:40])
    await bench.ticks(2)
    assert bench.value("hosted_ce_site_reload_failed") == 1
    bench.file.write_text(whole)
    await bench.ticks(2)
    assert bench.value("hosted_ce_site_reload_failed") == 0
    assert bench.force.failure is None


async def test_a_broken_file_is_told_once_and_the_last_good_one_stays(bench: Bench) -> None:
    bench.file.write_text(bench.file.read_text().replace("- name: first", "- name: first\n  when: a >"))
    await bench.ticks(2)
    bench.clock.advance(1000)
    await bench.ticks(5)
    assert bench.routes == ["first"]
    assert bench.value("hosted_ce_site_reloads_total", outcome="refused") == 1
    view = bench.force.view()
    assert view.failed_at == bench.clock() - 1000
    assert view.problems[0].startswith(f"{bench.file}:")
    check = file_check(view)
    assert (check.ok, check.essential) == (False, False)
    assert "routes[0].when" in check.detail


async def test_whoever_asks_is_answered_at_once(bench: Bench) -> None:
    bench.write("second")
    asking = asyncio.create_task(bench.reloads.reload())
    await asyncio.sleep(0)
    await bench.ticks(1)
    answer = await asking
    assert (answer.outcome, answer.chores) == (ReloadOutcome.LOADED, ("a chore",))
    assert answer.sha256 == bench.force.source.sha256
    again = asyncio.create_task(bench.reloads.reload())
    await asyncio.sleep(0)
    await bench.ticks(1)
    assert (await again).outcome is ReloadOutcome.UNCHANGED


async def test_two_who_ask_at_once_share_one_reload(bench: Bench) -> None:
    bench.write("second")
    asking = [asyncio.create_task(bench.reloads.reload()) for _ in range(2)]
    running = asyncio.create_task(bench.reloads.run())
    answers = await asyncio.gather(*asking)
    running.cancel()
    assert {each.outcome for each in answers} == {ReloadOutcome.LOADED}
    assert bench.switch.done == [["second"]]


async def test_who_asks_during_a_reload_gets_what_is_written_then(bench: Bench) -> None:
    bench.write("second")
    first = asyncio.create_task(bench.reloads.reload())
    await asyncio.sleep(0)
    ticking = asyncio.create_task(bench.reloads.tick())
    while not bench.switch.busy:
        await asyncio.sleep(0)
    bench.write("third")
    second = asyncio.create_task(bench.reloads.reload())
    await ticking
    await first
    assert not second.done()
    await bench.ticks(1)
    assert (await second).outcome is ReloadOutcome.LOADED
    assert bench.switch.done == [["second"], ["third"]]


async def test_a_refusal_is_the_answer_with_its_places(bench: Bench) -> None:
    bench.file.write_text("site: [")
    asking = asyncio.create_task(bench.reloads.reload())
    await asyncio.sleep(0)
    await bench.ticks(1)
    with pytest.raises(ReloadRefused, match=r"x\.yaml:1:\d+: "):
        await asking


async def test_what_cannot_be_followed_now_is_tried_again(bench: Bench) -> None:
    bench.switch.error = ReloadRefused(bench.file, [Problem("clusters", 1, 1, "pilots are there")])
    bench.write("second")
    await bench.ticks(4)
    assert bench.value("hosted_ce_site_reloads_total", outcome="refused") == 1
    bench.clock.advance(AGAIN_S)
    await bench.ticks(2)
    assert bench.value("hosted_ce_site_reloads_total", outcome="refused") == 2
    bench.switch.error = None
    bench.clock.advance(AGAIN_S)
    await bench.ticks(1)
    assert bench.routes == ["second"]
    assert bench.force.failure is None


async def test_a_mistake_of_ours_is_told_and_harms_nothing(bench: Bench) -> None:
    bench.switch.error = KeyError("oh")
    bench.write("second")
    await bench.ticks(4)
    assert bench.routes == ["first"]
    assert bench.value("hosted_ce_site_reloads_total", outcome="failed") == 1
    assert "KeyError" in bench.force.view().problems[0]
    bench.switch.error = None
    bench.write("third")
    await bench.ticks(2)
    assert bench.routes == ["third"]


async def test_going_back_to_what_is_in_force_ends_the_trouble(bench: Bench) -> None:
    before = bench.file.read_text()
    bench.file.write_text("no site file")
    await bench.ticks(2)
    assert bench.force.failure
    bench.file.write_text(before + "# a comment\n")
    await bench.ticks(2)
    assert bench.force.failure is None
    assert bench.switch.done == []
    assert bench.value("hosted_ce_site_file", sha256=bench.force.source.sha256) == 1


async def test_a_file_that_the_refused_one_names_counts_too(bench: Bench, tmp_path: Path) -> None:
    """It was refused for a file that was not there: putting it there is enough."""
    bench.switch.error = ReloadRefused(bench.file, [Problem("clusters", 1, 1, "no such file")])
    bench.write("second", clusters={"main": cluster(known_hosts=str(tmp_path / "other_hosts"))})
    await bench.ticks(3)
    bench.switch.error = None
    (tmp_path / "other_hosts").write_text("login.example.edu ssh-ed25519 AAAA\n")
    await bench.ticks(2)
    assert bench.routes == ["second"]


async def test_another_key_behind_the_same_name_is_tried(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("another")
    await bench.ticks(2)
    assert bench.switch.plans == [Plan(touched=("main",))]


async def test_a_task_that_is_cancelled_leaves_nobody_waiting(bench: Bench) -> None:
    asking = asyncio.create_task(bench.reloads.reload())
    await asyncio.sleep(0)
    ticking = asyncio.create_task(bench.reloads.tick())
    await asyncio.sleep(0)
    ticking.cancel()
    with pytest.raises(RuntimeError, match="interrupted"):
        await asking


CE_ROUTE = """\
JOB_ROUTER_ROUTE_{name} @=jrt
  REQUIREMENTS True
  UNIVERSE GRID
@jrt
JOB_ROUTER_ROUTE_NAMES = {name}
"""


async def test_another_content_of_a_route_file_is_another_table(bench: Bench, tmp_path: Path) -> None:
    """The site file itself says what it said."""
    routes = tmp_path / "10-routes.conf"
    routes.write_text(CE_ROUTE.format(name="One"))
    write_site(bench.file, {"name": "theirs", "htcondor": {"files": [routes.name]}})
    await bench.ticks(2)
    assert bench.routes == ["One"]
    routes.write_text(CE_ROUTE.format(name="Two"))
    asking = asyncio.create_task(bench.reloads.reload())
    await asyncio.sleep(0)
    await bench.ticks(1)
    [difference] = (await asking).differences
    assert bench.routes == ["Two"]
    assert in_words(difference) == f"route theirs: htcondor.files has another content: {routes.name}"

    routes.write_text("JOB_ROUTER_ROUTE_NAMES = $(")
    await bench.ticks(2)
    assert bench.routes == ["Two"]
    assert "the files named here have no route" in bench.force.view().problems[0]
    routes.unlink()
    await bench.ticks(2)
    assert "x.yaml:15:7: routes[0].htcondor.files[0]: there is no file" in bench.force.view().problems[0]
    routes.write_text(CE_ROUTE.format(name="Three"))
    await bench.ticks(2)
    assert (bench.routes, bench.force.failure) == (["Three"], None)


async def test_every_reload_is_taken_down_with_who_asked(bench: Bench) -> None:
    await bench.reloads.tick(asked=True)
    assert bench.notes.words == [], "nothing was changed"
    bench.write("second")
    await bench.ticks(2)
    bench.write("third")
    await bench.reloads.tick(asked=True)
    bench.write("fourth")
    asking = asyncio.create_task(bench.reloads.reload())
    await asyncio.sleep(0)
    await bench.reloads.tick(asked=True)
    await asking
    assert bench.notes.words == ["allowed by file", "allowed by signal", "allowed by api"]
    last = bench.notes.records[-1]
    assert (last.door, last.action, last.facts["sha256"]) == ("ce", "reload_site", bench.force.source.sha256)


async def test_refused_reloads_are_taken_down_once_or_when_somebody_asks(bench: Bench) -> None:
    bench.switch.error = ReloadRefused(bench.file, [Problem("clusters", 1, 1, "pilots are there")])
    bench.write("second")
    for _ in range(3):
        await bench.ticks(2)
        bench.clock.advance(AGAIN_S)
    assert bench.notes.words == ["not_done by file"]
    assert bench.notes.records[0].why == f"{bench.file}:1:1: clusters: pilots are there"
    await bench.reloads.tick(asked=True)
    bench.switch.error = RuntimeError("a mistake")
    await bench.reloads.tick(asked=True)
    assert bench.notes.words[1:] == ["not_done by signal", f"{Outcome.FAILED} by signal"]
