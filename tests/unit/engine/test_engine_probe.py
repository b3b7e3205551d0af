"""When a site is probed, and what the engine does with what was found."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bosco.batch.facts import Records
from bosco.batch.model import Cause
from bosco.dialer import Contact, ContactStatus
from bosco.errors import Interrupted, NotRun
from hosted_ce.capabilities.record import CapabilityRecord
from hosted_ce.engine import probe as probe_module
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.known import LEAST_INTERVAL_S, Known
from hosted_ce.engine.probe import AGAIN_S, AT_LEAST_S, PARTIAL_AGAIN_S, Prober
from hosted_ce.pilots.states import State
from tests.fakes.batch import Accounting
from tests.fakes.bench import Bench, stamp_of
from tests.fakes.capabilities import BATCH, capabilities
from tests.fakes.clock import Clock
from tests.fakes.cluster import FakeCluster
from tests.fakes.faults import Fault


class Kept:
    """What is written down, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, CapabilityRecord] = {}

    async def get(self, cluster: str) -> CapabilityRecord | None:
        return self.kept.get(cluster)

    async def put(self, cluster: str, taken: CapabilityRecord) -> None:
        self.kept[cluster] = taken


class World:
    """A prober with its site; the contact is what the test says."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.site = FakeCluster(self.clock)
        self.records = Kept()
        self.contact = ContactStatus(Contact.NOT_YET, 0.0, None, {})
        self.cluster = Cluster("main", self.site)
        self.prober = Prober(self.cluster, self.records, lambda: self.contact, self.clock)

    def connect(self) -> None:
        self.contact = ContactStatus(Contact.READY, self.clock(), None, {})


@pytest.fixture
def world() -> World:
    return World()


async def test_nothing_is_asked_before_the_first_contact(world: World) -> None:
    await world.prober.tick()
    assert (world.site.probes, world.prober.record) == (0, None)


async def test_the_first_contact_is_a_probe_that_is_written_down(world: World) -> None:
    world.connect()
    await world.prober.tick()
    await world.prober.tick()
    assert world.site.probes == 1
    assert world.prober.record == CapabilityRecord(world.clock(), capabilities())
    assert world.records.kept == {"main": world.prober.record}


async def test_a_reconnect_is_a_probe_once_an_hour(world: World) -> None:
    world.connect()
    await world.prober.tick()
    world.clock.advance(AGAIN_S - 1)
    world.connect()
    await world.prober.tick()
    assert world.site.probes == 1
    world.clock.advance(1)
    await world.prober.tick()
    assert world.site.probes == 2
    world.clock.advance(AGAIN_S)
    await world.prober.tick()
    assert world.site.probes == 2, "the same connection as before"


async def test_a_long_connection_is_a_probe_once_a_day(world: World) -> None:
    world.connect()
    await world.prober.tick()
    world.clock.advance(AT_LEAST_S)
    await world.prober.tick()
    assert world.site.probes == 2


async def test_a_batch_system_that_answered_in_part_is_asked_again_soon(world: World) -> None:
    world.connect()
    world.site.accounting_is = Accounting.DOWN
    await world.prober.tick()
    world.clock.advance(PARTIAL_AGAIN_S - 1)
    await world.prober.tick()
    assert world.site.probes == 1
    world.site.accounting_is = Accounting.UP
    world.clock.advance(1)
    await world.prober.tick()
    assert world.site.probes == 2
    world.clock.advance(AT_LEAST_S - 1)
    await world.prober.tick()
    assert world.site.probes == 2


async def test_a_probe_that_failed_is_not_tried_again_at_once(world: World) -> None:
    world.connect()
    world.site.faults.plan("probe", Fault.LOST_REPLY)
    await world.prober.tick()
    await world.prober.tick()
    assert world.prober.record is None
    world.clock.advance(PARTIAL_AGAIN_S)
    await world.prober.tick()
    assert world.prober.record is not None


async def test_by_hand_it_is_probed_at_any_time_and_failures_are_raised(world: World) -> None:
    world.connect()
    await world.prober.tick()
    await world.prober.probe()
    assert world.site.probes == 2
    world.site.faults.down = "no route to host"
    with pytest.raises(NotRun, match="no route to host"):
        await world.prober.probe()
    assert world.prober.record is not None, "what is known stays"


async def test_a_site_that_does_not_answer_is_not_waited_for_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(world.site, "probe", silence)
    monkeypatch.setattr(probe_module, "DEADLINE_S", 0.01)
    with pytest.raises(Interrupted, match="took more than"):
        await world.prober.probe()


async def test_what_another_process_found_is_shown_and_not_gone_by(world: World) -> None:
    off = replace(BATCH, records=Records.OFF, unknown={"records": "disabled"})
    kept = world.records.kept["main"] = CapabilityRecord(5.0, capabilities(off))
    await world.prober.load("slurm")
    assert world.prober.record == kept
    assert world.cluster.known.no_records is None
    await World().prober.load("slurm")


async def test_what_was_found_of_another_batch_system_is_forgotten(world: World) -> None:
    world.records.kept["main"] = CapabilityRecord(5.0, capabilities())
    await world.prober.load("pbs")
    assert world.prober.record is None


@pytest.mark.parametrize(
    ("records", "remembers_s", "interval"),
    [
        (Records.ON, 2, 30.0),
        (Records.OFF, 300, 30.0),
        (Records.OFF, 20, 10.0),
        (Records.OFF, 2, LEAST_INTERVAL_S),
        (Records.OFF, 0, 30.0),
        (Records.OFF, None, 30.0),
        (Records.AWAY, 2, 30.0),
        (Records.UNKNOWN, 2, 30.0),
    ],
)
def test_the_queue_is_listed_in_time_where_only_it_tells_of_ends(
    records: Records, remembers_s: int | None, interval: float
) -> None:
    known = Known()
    assert known.interval(30.0) == 30.0
    known.learn(capabilities(replace(BATCH, records=records, remembers_s=remembers_s)))
    assert known.interval(30.0) == interval
    assert known.interval(3.0) == 3.0, "never more rarely than the site file says"


async def silent_pilot(ce: Bench) -> int:
    """One whose job was killed and is listed no more; it left no record itself."""
    pilot = await ce.running()
    ce.site.batch.end(ce.site.job(stamp_of(pilot)), Cause.WALLTIME)
    ce.clock.advance(400)
    return pilot.id


async def test_records_that_are_off_are_not_asked_for(ce: Bench) -> None:
    ce.site.accounting_is = Accounting.DISABLED
    ce.cluster.known.learn(await ce.site.probe())
    pilot_id = await silent_pilot(ce)
    await ce.rounds(12)
    assert ce.site.accounted == 0
    assert (await ce.words(pilot_id))[-1] == "lost", "as if they had been asked, and were silent"


@pytest.mark.parametrize("accounting", [Accounting.UP, Accounting.DOWN])
async def test_records_that_answer_or_may_do_so_again_are_asked(ce: Bench, accounting: Accounting) -> None:
    ce.site.accounting_is = accounting
    ce.cluster.known.learn(await ce.site.probe())
    pilot_id = await silent_pilot(ce)
    await ce.rounds(12)
    assert ce.site.accounted > 0
    ended = (await ce.pilot(pilot_id)).state is State.COMPLETED
    assert ended is (accounting is Accounting.UP), "what does not answer proves no absence"


async def test_records_are_asked_from_a_time_on_the_site_s_own_clock(
    ce: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    accounting = ce.site.accounting

    async def watched(since: float, **more: object) -> object:
        asked.append(since)
        return await accounting(since, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ce.site, "accounting", watched)
    ce.site.accounting_is = Accounting.DOWN
    await silent_pilot(ce)
    await ce.observe()
    ce.cluster.known.learn(capabilities(clock_offset_s=-7200.0))
    await ce.observe()
    ce.cluster.known.learn(capabilities(clock_offset_s=7200.0))
    await ce.observe()
    assert [since - asked[0] for since in asked] == [0, -7200, 0], "too early is no harm, too late is"
