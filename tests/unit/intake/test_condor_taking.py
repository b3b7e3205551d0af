"""The way in: what can be a pilot is one, once; what cannot is held with the reason, and blocks no other."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog

from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.pilots.states import State
from tests.fakes.door import FILES, LARGEST, DoorBench
from tests.fakes.factory import SCRIPT, At
from tests.fakes.schedd import HELD, IDLE, REMOVED, folder_of, lost


async def test_a_job_becomes_a_pilot_with_all_that_it_brings(ce: DoorBench) -> None:
    token = {"AuthTokenIssuer": "https://osg.test", "AuthTokenSubject": "vofrontend"}
    sent, pilot = await ce.taken(maxMemory=4000, Environment="A='b c'", NumHolds=0, **token)
    spec = PilotSpec.model_validate(pilot.spec)
    assert (spec.executable, spec.arguments) == (SCRIPT, ("-cluster", "1"))
    assert spec.environment == {"A": "b c"}
    assert [ce.contents[file.sha256] for file in spec.inputs] == list(FILES.values())
    assert spec.attributes["maxMemory"] == 4000
    assert (pilot.owner, pilot.account) == ("https://osg.test,vofrontend", "osg01")
    assert (pilot.door, pilot.door_key, pilot.door_open) == ("condor", sent.key, True)
    assert pilot.factory_job == "factory.test#1.0#1"
    ad = ce.job(sent).ad
    assert (ad["Managed"], ad["ManagedManager"], ad["ChirpHostedCEPilot"]) == (
        "External", "hosted_ce", pilot.id,
    )  # fmt: skip


async def test_without_a_token_its_user_is_the_owner(ce: DoorBench) -> None:
    _, pilot = await ce.taken()
    assert (pilot.owner, pilot.account) == ("osg01@users.htcondor.org", "osg01")


async def test_a_job_that_still_spools_is_let_alone(ce: DoorBench) -> None:
    sent = ce.send(JobStatus=HELD, HoldReasonCode=16, HoldReason="Spooling input data files")
    await ce.look(3)
    assert "Managed" not in ce.job(sent).ad
    assert await ce.store.at_door("condor") == []


async def test_somebody_else_s_job_is_let_alone(ce: DoorBench) -> None:
    sent = ce.send(Managed="External", ManagedManager="somebody else")
    await ce.look(3)
    assert "HostedCEStatus" not in ce.job(sent).ad


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("bad request", 4, "HostedCE[LAB] request: attribute maxMemory: -5 is not a whole number"),
        ("no file", 5, f"HostedCE[LAB] input files: {SCRIPT} is not in the CE's spool"),
        ("a link", 5, f"HostedCE[LAB] input files: {SCRIPT} is a symbolic link"),
        ("a folder", 5, f"HostedCE[LAB] input files: {SCRIPT} is not an ordinary file"),
        ("too large", 5, f"HostedCE[LAB] input files: {SCRIPT} has {LARGEST + 1} bytes"),
        ("another folder", 5, "HostedCE[LAB] input files: the job's Iwd is not its folder"),
    ],
)
async def test_what_cannot_be_a_pilot_is_held_with_the_reason(
    ce: DoorBench, tmp_path: Path, what: str, code: int, words: str
) -> None:
    sent = ce.send(maxMemory=-5 if what == "bad request" else 4000)
    script = folder_of(ce.job(sent)) / SCRIPT
    if what in {"no file", "a link", "a folder"}:
        script.unlink()
    match what:
        case "a link":
            script.symlink_to("/etc/passwd")
        case "a folder":
            script.mkdir()
        case "too large":
            script.write_bytes(b"x" * (LARGEST + 1))
        case "another folder":
            (tmp_path / SCRIPT).write_bytes(b"#!/bin/sh\n")
            ce.job(sent).ad["Iwd"] = str(tmp_path)
    good, _ = await ce.taken()
    ce.factory.poll()
    assert sent.at is At.HELD
    assert sent.hold
    assert sent.hold[1:] == (9619, code)
    assert sent.hold[0].startswith(words)
    assert ce.job(sent).ad["EnteredCurrentStatus"] == int(ce.clock())
    assert [pilot.door_key for pilot in await ce.store.at_door("condor")] == [good.key]


async def test_such_a_job_is_held_once_and_again_when_it_is_released(ce: DoorBench) -> None:
    sent = ce.send(maxMemory=-5)
    await ce.look()
    calls = ce.schedd.calls
    await ce.look(5)
    assert ce.schedd.calls == calls + 5
    for holds in (2, 3):
        ce.factory.poll()
        ce.factory.release(sent)
        await ce.look()
        assert (ce.job(sent).status, ce.job(sent).ad["NumHolds"]) == (HELD, holds)


async def test_such_a_job_is_given_back_when_it_is_removed_and_removed_when_it_is_old(ce: DoorBench) -> None:
    removed, old = ce.send(maxMemory=-5), ce.send(maxMemory=-5)
    await ce.look()
    ce.factory.poll()
    ce.factory.remove(removed)
    await ce.look()
    ce.schedd.sweep()
    assert ce.schedd.by_key(removed.key) is None
    ce.clock.advance(ce.rules.held_remove)
    await ce.look(2)
    ce.schedd.sweep()
    assert ce.schedd.by_key(old.key) is None


async def test_a_job_that_was_removed_before_it_was_taken_in_never_is_a_pilot(ce: DoorBench) -> None:
    sent = ce.send()
    ce.schedd.plan(2, lambda: ce.factory.remove(sent))  # between the two steps of the claim, and after
    ce.schedd.plan(4, lambda: None)
    await ce.look(3)
    ce.schedd.sweep()
    assert not ce.schedd.jobs


@pytest.mark.parametrize("calls", range(8))
async def test_held_and_released_while_it_is_taken_in(ce: DoorBench, calls: int) -> None:
    sent = ce.send()

    def act() -> None:
        ce.factory.hold(sent)
        ce.factory.release(sent)

    ce.schedd.plan(calls, act)
    await ce.look(3)
    pilot = await ce.of(sent)
    assert ce.job(sent).status == IDLE
    assert pilot.door_holds == ce.job(sent).ad.get("NumHolds", 0)
    await ce.open()
    await ce.everything(2)
    assert len([job for job in ce.site.batch.jobs if job.alive]) == 1


async def test_what_cannot_be_read_now_waits_and_is_told_once(
    ce: DoorBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(folder: Path, name: str, limit: int) -> bytes:
        raise PermissionError(13, "Permission denied", str(folder / name))

    sent = ce.send()
    with monkeypatch.context() as patch, structlog.testing.capture_logs() as logs:
        patch.setattr("hosted_ce.intake.condor.taking.read_input", denied)
        await ce.look(20)
    assert len([line for line in logs if line["log_level"] == "error"]) == 1
    assert ce.door.status.problem
    assert "Permission denied" in ce.door.status.problem
    assert ce.door.status.in_contact
    assert ce.job(sent).status == IDLE
    await ce.look()
    assert (await ce.of(sent)).state is State.IDLE
    assert ce.door.status.problem is None


async def test_a_problem_is_over_when_its_job_is_gone(ce: DoorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(folder: Path, name: str, limit: int) -> bytes:
        raise PermissionError

    sent = ce.send()
    with monkeypatch.context() as patch:
        patch.setattr("hosted_ce.intake.condor.taking.read_input", denied)
        await ce.look()
        assert ce.door.status.problem
    ce.factory.remove(sent)
    await ce.look(2)
    assert ce.door.status.problem is None
    assert not ce.schedd.jobs or ce.job(sent).status == REMOVED


async def test_many_jobs_at_once(ce: DoorBench) -> None:
    sent = [ce.send() for _ in range(120)]
    await ce.look()
    keys = [pilot.door_key for pilot in await ce.store.at_door("condor")]
    assert sorted(keys, key=str) == sorted(one.key for one in sent)
    assert all(ce.job(one).ad["HostedCEStatus"] == IDLE for one in sent)


@pytest.mark.parametrize("calls", range(16))
async def test_whenever_the_schedd_goes_away_a_job_is_taken_in_once(ce: DoorBench, calls: int) -> None:
    bad, sent = ce.send(maxMemory=-5), ce.send()
    ce.schedd.plan(calls, lost, replying=bool(calls % 2))
    await ce.look()
    assert ce.door.status.in_contact is False
    await ce.look()
    assert len(await ce.store.at_door("condor")) == 1
    assert (ce.job(bad).status, ce.job(sent).status) == (HELD, IDLE)


async def test_an_ad_that_becomes_strange_while_it_is_taken_in_is_left_alone(ce: DoorBench) -> None:
    strange, sent = ce.send(), ce.send()
    job = ce.job(strange)
    ce.schedd.plan("Managed", lambda: job.ad.update(GlobalJobId="ce.test#99.0#1"), replying=True)
    ce.schedd.plan(0, lambda: None)
    await ce.look()
    assert [pilot.door_key for pilot in await ce.store.at_door("condor")] == [sent.key]
    assert ce.door.status.in_contact
