"""What the daemon takes down besides the API's requests."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from hosted_ce.api.views import Contact
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.daemon.auditing import KeyAudit, record_of
from hosted_ce.pilots.pilot import Change, Event, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from tests.api.world import SITE


def pilot(door: str = "condor") -> Pilot:
    return Pilot(
        9, 1, State.IDLE, Stage.WAITING, Goal.RUN, None, {}, door,
        "https://issuer.example.org,vofrontend", 1.0, 1.0, account="osg01", factory_job="f#1.0#2",
    )  # fmt: skip


FACTS = {
    "pilot": 9, "issuer": "https://issuer.example.org", "subject": "vofrontend", "account": "osg01",
    "factory_job": "f#1.0#2",
}  # fmt: skip


def test_a_factorys_submission_and_removal() -> None:
    came = record_of(Change(pilot(), {"stage": Stage.WAITING}))
    assert came == Record("condor", pilot().owner, "submit_pilot", Outcome.ALLOWED, facts=FACTS)
    gone = record_of(Change(pilot(), event=Event("removal_asked", "condor:factory", "old")))
    assert gone == Record("condor", "condor:factory", "removal_asked", Outcome.ALLOWED, "old", FACTS)


@pytest.mark.parametrize(
    "change",
    [
        Change(pilot("rest"), {"stage": Stage.WAITING}),
        Change(pilot(), {"stage": Stage.RUNNING}),
        Change(pilot(), event=Event("running", "site")),
        Change(pilot(), event=Event("routed", "engine")),
        Change(pilot(), event=Event("held", "rest:Ada")),
    ],
)
def test_what_nobody_decided_or_the_api_has_is_left_out(change: Change) -> None:
    assert record_of(change) is None


def test_uses_of_a_key_are_taken_down_when_they_change() -> None:
    records: list[Record] = []

    class Taker:
        def note(self, record: Record) -> None:
            records.append(record)

    views: list[Any] = list(SITE.clusters)
    asked: list[bool] = []

    def clusters() -> list[Any]:
        asked.append(True)
        return views

    audit = KeyAudit(
        Taker(),  # type: ignore[arg-type]
        lambda: {view.name: (view.contact, view.since) for view in views},
        clusters,
    )
    audit.look()
    audit.look()
    assert len(asked) == 1, "nothing has changed"
    assert [(each.facts["cluster"], each.outcome) for each in records] == [
        ("hpc", Outcome.ALLOWED), ("old", Outcome.REFUSED),
    ]  # fmt: skip
    assert records[1].why == "the host key is not the one on record"
    views[0] = dataclasses.replace(views[0], contact=Contact.DOWN, since=1.0)
    audit.look()
    views[0] = dataclasses.replace(views[0], contact=Contact.READY, since=2.0)
    audit.look()
    assert len(records) == 3
