"""A site is probed for idle nodes only while pilots have waited there for long, and hourly at most."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bosco.batch.facts import BatchFacts, NodeShape
from bosco.errors import Unreachable
from hosted_ce.api.views import Contact
from hosted_ce.daemon.idle_nodes import PROBE_AGAIN_S, IdleNodes
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.site import load_site
from hosted_ce.store.entries import Pending
from tests.api.world import SITE_FILE
from tests.fakes.clock import Clock


class Part:
    """A cluster that tells of idle nodes when it is probed."""

    name = "hpc"

    def __init__(self, clock: Clock):
        self._clock, self.probes, self.contact = clock, 0, Contact.READY
        self.error: Exception | None = None
        self.record: Any = None

    def view(self) -> Any:
        return SimpleNamespace(contact=self.contact)

    async def probe(self) -> None:
        self.probes += 1
        if self.error:
            raise self.error
        batch = BatchFacts("Slurm", shapes=(NodeShape("osg", 4, 64, None, 0, 256),))
        self.record = SimpleNamespace(taken_at=self._clock(), found=SimpleNamespace(batch=batch))


class Queues:
    """Twenty pilots that wait since then."""

    since = 0.0

    async def pending(self) -> list[Pending]:
        return [Pending("hpc", "large", "PENDING", "Priority", 20, self.since)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def part(clock: Clock) -> Part:
    return Part(clock)


@pytest.fixture
def queues(clock: Clock) -> Queues:
    found = Queues()
    found.since = clock()
    return found


@pytest.fixture
def idle(clock: Clock, part: Part, queues: Queues, tmp_path: Any) -> IdleNodes:
    (tmp_path / "site.yaml").write_text(SITE_FILE)
    table = table_of(load_site(tmp_path / "site.yaml"), tmp_path)
    parts: Any = {"hpc": part}
    return IdleNodes(parts, queues, lambda: table, clock)


async def test_it_asks_when_pilots_wait_for_long_and_not_before(
    idle: IdleNodes, part: Part, clock: Clock
) -> None:
    await idle.tick()
    assert (part.probes, idle.findings("hpc")) == (0, ())
    clock.advance(3 * 3600)
    await idle.tick()
    [one] = idle.findings("hpc")
    assert (one.id, one.route) == ("idle-nodes", "large")
    await idle.tick()
    assert part.probes == 1, "it was told just now"
    clock.advance(PROBE_AGAIN_S + 1)
    await idle.tick()
    assert part.probes == 2


async def test_without_contact_nobody_is_asked(idle: IdleNodes, part: Part, clock: Clock) -> None:
    part.contact = Contact.DOWN
    clock.advance(3 * 3600)
    await idle.tick()
    assert (part.probes, idle.findings("hpc")) == (0, ())


async def test_a_site_that_does_not_answer_is_no_finding(idle: IdleNodes, part: Part, clock: Clock) -> None:
    part.error = Unreachable("no route")
    clock.advance(3 * 3600)
    await idle.tick()
    await idle.tick()
    assert (part.probes, idle.findings("hpc")) == (1, ()), "and it is not asked again at once"


async def test_pilots_that_have_begun_end_it(idle: IdleNodes, queues: Queues, clock: Clock) -> None:
    clock.advance(3 * 3600)
    await idle.tick()
    assert idle.findings("hpc")
    queues.since = clock()
    await idle.tick()
    assert idle.findings("hpc") == ()
