"""EN6: a doubt that lasts is told, and an operator settles it; what the site shows is never overruled."""

from __future__ import annotations

import pytest

from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.judge import Policy
from hosted_ce.pilots.by_hand import CannotSettle
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import Stage, State
from tests.fakes.batch import Accounting
from tests.fakes.bench import Bench, attempt_of, stamp_of
from tests.fakes.faults import Fault

DEADLINE = Policy().doubt_deadline
GRACE = Policy().answer_grace
WHO = {"actor": "rest:operator", "reason": "asked the site"}


async def doubtful(ce: Bench, fault: Fault) -> Pilot:
    ce.site.faults.plan("submit", fault)
    pilot = await ce.sent()
    assert pilot.stage is Stage.DOUBTFUL
    return pilot


async def test_EN6_a_doubt_above_its_deadline_is_told_once_and_nothing_is_guessed(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.LEDGER_LOST)
    ce.clock.advance(DEADLINE - 1)
    await ce.reminder.tick()
    assert ce.reminder.overdue == 0
    assert ce.reminder.oldest == attempt_of(pilot).doubt_since
    ce.clock.advance(1)
    await ce.reminder.tick()
    await ce.reminder.tick()
    told = await ce.pilot(pilot.id)
    assert ce.reminder.overdue == 1
    assert (told.stage, told.state) == (Stage.DOUBTFUL, State.UNKNOWN)
    assert f"pilots adopt {pilot.id}" in (told.reason or "")
    assert (await ce.words(pilot.id)).count("overdue") == 1
    await ce.observe()
    await ce.reminder.tick()
    assert ce.reminder.overdue == 0


async def test_EN6_the_job_is_adopted_when_the_site_shows_it(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.LEDGER_LOST)
    adopted = await ce.settler.adopt(pilot.id, "100", force=False, **WHO)
    assert (adopted.stage, attempt_of(adopted).batch_id) == (Stage.QUEUED, "100")
    event = (await ce.history(pilot.id))[-1]
    assert (event.what, event.actor, event.reason) == ("adopted", "rest:operator", "asked the site")
    assert event.data == {"batch_id": "100", "forced": False}


async def test_a_running_and_an_ended_job_are_adopted_as_what_they_are(ce: Bench) -> None:
    first, second = await doubtful(ce, Fault.LEDGER_LOST), await doubtful(ce, Fault.LEDGER_LOST)
    ce.site.start(stamp_of(first))
    ce.site.start(stamp_of(second))
    ce.site.finish(stamp_of(second), 7)
    assert (await ce.settler.adopt(first.id, "100", force=False, **WHO)).state is State.RUNNING
    assert (await ce.settler.adopt(second.id, "101", force=False, **WHO)).stage is Stage.ENDED
    await ce.fetcher.tick()
    done = await ce.pilot(second.id)
    assert (done.state, attempt_of(done).exit_code) == (State.COMPLETED, 7)


@pytest.mark.parametrize("force", [True, False])
async def test_a_job_with_another_name_is_never_adopted(ce: Bench, force: bool) -> None:
    other = await ce.sent()
    pilot = await doubtful(ce, Fault.CLAIM_ONLY)
    with pytest.raises(CannotSettle, match=f"the name {stamp_of(other)}"):
        await ce.settler.adopt(pilot.id, "100", force=force, **WHO)


@pytest.mark.parametrize("force", [True, False])
async def test_another_id_than_the_one_that_the_site_shows_is_never_adopted(ce: Bench, force: bool) -> None:
    pilot = await doubtful(ce, Fault.LEDGER_LOST)
    with pytest.raises(CannotSettle, match="is 100, not 4711"):
        await ce.settler.adopt(pilot.id, "4711", force=force, **WHO)


async def test_what_the_site_does_not_show_is_adopted_by_force_only(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.LEDGER_LOST)
    ce.site.faults.down = "no route to host"
    with pytest.raises(CannotSettle, match=r"no route to host.*--force"):
        await ce.settler.adopt(pilot.id, "100", force=False, **WHO)
    adopted = await ce.settler.adopt(pilot.id, "100", force=True, **WHO)
    assert (adopted.stage, attempt_of(adopted).batch_id) == (Stage.QUEUED, "100")
    assert (await ce.history(pilot.id))[-1].data["forced"] is True


async def test_EN6_an_attempt_without_a_job_is_abandoned_and_the_next_begins(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.CLAIM_ONLY)
    with pytest.raises(CannotSettle, match="ask again in 240 s"):
        await ce.settler.abandon(pilot.id, force=False, **WHO)
    ce.clock.advance(GRACE)
    waiting = await ce.settler.abandon(pilot.id, force=False, **WHO)
    assert (waiting.stage, waiting.state) == (Stage.WAITING, State.IDLE)
    event = (await ce.history(pilot.id))[-1]
    assert (event.what, event.data["forced"]) == ("abandoned", False)
    await ce.rounds(1)
    assert attempt_of(await ce.pilot(pilot.id)).number == 2
    assert len(ce.site.batch.jobs) == 1


@pytest.mark.parametrize("force", [True, False])
async def test_an_attempt_whose_job_the_site_shows_is_never_abandoned(ce: Bench, force: bool) -> None:
    pilot = await doubtful(ce, Fault.LEDGER_LOST)
    ce.clock.advance(GRACE)
    with pytest.raises(CannotSettle, match="adopt 1 --batch-id 100"):
        await ce.settler.abandon(pilot.id, force=force, **WHO)


async def test_nor_one_whose_job_left_its_mark_in_the_spool(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.LEDGER_LOST)
    ce.site.start(stamp_of(pilot))
    ce.site.vanish(stamp_of(pilot))
    with pytest.raises(CannotSettle, match="--batch-id 100"):
        await ce.settler.abandon(pilot.id, force=True, **WHO)


async def test_without_evidence_it_is_abandoned_by_force_only(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.CLAIM_ONLY)
    ce.clock.advance(GRACE)
    ce.site.accounting_is = Accounting.DOWN
    with pytest.raises(CannotSettle, match=r"sacct.*--force"):
        await ce.settler.abandon(pilot.id, force=False, **WHO)
    assert (await ce.settler.abandon(pilot.id, force=True, **WHO)).stage is Stage.WAITING


async def test_a_late_request_of_an_abandoned_attempt_is_refused_by_the_claim(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.LATE_REQUEST)
    await ce.settler.abandon(pilot.id, force=True, **WHO)
    ce.site.deliver_late()
    assert ce.site.batch.jobs == []


async def test_a_late_request_that_comes_while_it_is_abandoned_is_not_overruled(
    ce: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pilot = await doubtful(ce, Fault.LATE_REQUEST)
    revoke = ce.site.revoke

    async def too_late(stamp: str) -> bool:
        ce.site.deliver_late()
        return await revoke(stamp)

    monkeypatch.setattr(ce.site, "revoke", too_late)
    with pytest.raises(CannotSettle, match="look at it again"):
        await ce.settler.abandon(pilot.id, force=True, **WHO)
    await ce.rounds(1)
    assert attempt_of(await ce.pilot(pilot.id)).number == 1
    assert len(ce.site.batch.jobs) == 1


async def test_while_the_site_is_away_it_is_abandoned_by_force_only(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.CLAIM_ONLY)
    ce.clock.advance(GRACE)
    ce.site.faults.down = "no route to host"
    with pytest.raises(CannotSettle, match=r"no route to host.*--force"):
        await ce.settler.abandon(pilot.id, force=False, **WHO)
    assert (await ce.settler.abandon(pilot.id, force=True, **WHO)).stage is Stage.WAITING


async def test_an_abandoned_pilot_that_is_to_be_removed_is_removed(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.CLAIM_ONLY)
    await ce.remove(pilot.id)
    assert (await ce.settler.abandon(pilot.id, force=True, **WHO)).state is State.REMOVED


async def test_only_what_is_in_doubt_is_settled(ce: Bench) -> None:
    pilot = await ce.sent()
    with pytest.raises(CannotSettle, match="at stage queued"):
        await ce.settler.adopt(pilot.id, "99", force=True, **WHO)
    assert await ce.settler.adopt(pilot.id, "100", force=False, **WHO) == await ce.pilot(pilot.id)
    with pytest.raises(CannotSettle, match="not there"):
        await ce.settler.abandon(99, force=True, **WHO)


async def test_a_pilot_of_a_cluster_that_is_gone_is_not_settled(ce: Bench) -> None:
    pilot = await doubtful(ce, Fault.CLAIM_ONLY)
    ce.settler._clusters = dict[str, Cluster]()
    with pytest.raises(CannotSettle, match="no longer in the site file"):
        await ce.settler.abandon(pilot.id, force=True, **WHO)
