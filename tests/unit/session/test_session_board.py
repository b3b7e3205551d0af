"""A session as it stands: what people say, what is next, what is left open, each once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosted_ce.session.board import Board, Line
from hosted_ce.session.errors import CannotSay
from hosted_ce.session.facts import Facts, Place
from hosted_ce.session.found import ItemState
from hosted_ce.session.judge import board_of, next_run
from hosted_ce.session.log import Entry, Said
from hosted_ce.session.record import read, written
from hosted_ce.session.remark import Remark, check_remark, check_run
from tests.fakes.site_facts import BEGAN, KEY_MODE, SESSION, checked, facts, said

PEOPLE = said(1, Said.TICK, "Ada (OSG), Ben (Example University)", "people")
ENDED = replace(SESSION, ended_at=BEGAN + 6600, ended_by="rest:Ada Lovelace")


def board(*entries: Entry, given: Facts | None = None) -> Board:
    return board_of(SESSION, entries, given or facts())


def line(found: Board, item: str) -> Line:
    return next(line for line in found.lines if line.id == item)


def test_a_person_says_what_only_people_see() -> None:
    found = line(board(PEOPLE), "people")
    assert (found.state, found.seen, found.by, found.since) == (
        ItemState.DONE,
        PEOPLE.text,
        PEOPLE.actor,
        PEOPLE.at,
    )
    again = board(PEOPLE, said(2, Said.REOPEN, item="people"))
    assert line(again, "people").state is ItemState.OPEN


def test_what_is_skipped_is_settled_and_open_until_it_is_seen() -> None:
    skip = said(1, Said.SKIP, "no time today", "site-check")
    bad = board(skip, given=facts(checks=()))
    assert (line(bad, "site-check").state, line(bad, "site-check").seen) == (
        ItemState.SKIPPED,
        "no time today",
    )
    [one] = [each for each in bad.open_items if each.item == "site-check"]
    assert (one.owner, one.what) == ("the site", "The checks of the site (skipped: no time today)")
    well = board(skip)
    assert line(well, "site-check").state is ItemState.DONE
    assert [each for each in well.open_items if each.item == "site-check"] == []


def test_what_a_site_does_not_need_is_skipped_and_leaves_nothing_open() -> None:
    found = board(given=facts(door=None))
    assert (line(found, "front-door").state, line(found, "front-door").by) == (ItemState.SKIPPED, None)
    assert [one for one in found.open_items if one.item == "front-door"] == []


def test_each_fault_is_open_once_with_its_owner_and_gone_when_it_passes() -> None:
    bad = facts(checks=(checked(KEY_MODE, KEY_MODE),))
    assert [(one.name, one.owner, one.todo) for one in board(given=bad).open_items] == [
        (KEY_MODE.name, "the site", KEY_MODE.todo)
    ]
    assert board().open_items == ()


def test_somebody_can_look_after_what_failed() -> None:
    carer = said(2, Said.OPEN, "asked the network team", "site-check", owner="Ben", due="2026-12-01")
    bad = facts(checks=(checked(KEY_MODE),))
    [one] = board(carer, given=bad).open_items
    assert (one.owner, one.due) == ("Ben", "2026-12-01")
    assert one.what.endswith("refused our key; asked the network team")
    assert board(carer).open_items == ()


def test_who_looks_after_what_failed_then_does_not_after_what_fails_later() -> None:
    carer = said(9, Said.OPEN, "asked the network team", "site-check", owner="Ben")
    old, new = replace(KEY_MODE, since=carer.at - 60), replace(KEY_MODE, name="BS-4", since=carer.at + 60)
    found = {one.name: one for one in board(carer, given=facts(checks=(checked(old, new),))).open_items}
    assert (found[old.name].owner, found["BS-4"].owner) == ("Ben", "the site")
    assert "network team" not in found["BS-4"].what


def test_what_was_written_down_as_open_is_settled_by_its_number() -> None:
    opened = said(1, Said.OPEN, "quota of 50 GB", owner="Ben", due="2026-12-01")
    [one] = board(opened).open_items
    assert (one.what, one.owner, one.due, one.number) == ("quota of 50 GB", "Ben", "2026-12-01", 1)
    assert board(opened, said(2, Said.SETTLE, about=1)).open_items == ()


def test_at_the_end_what_was_not_done_is_open_unless_it_waits_for_what_is() -> None:
    items = board_of(ENDED, [PEOPLE], facts(pilots=(), ramps=())).open_items
    left = [one.item for one in items]
    [rest] = [one for one in items if one.name == "not-reached"]
    assert (rest.what.startswith("not reached: "), rest.owner) == (True, "OSG")
    assert "A route took it" in rest.what
    assert "first-came" in left
    assert "first-routed" not in left
    assert "people" not in left


def test_what_is_next_can_be_done_now() -> None:
    fresh = facts(checks=(), tests={}, pilots=(), ramps=(), checks_every=None)
    assert board(given=fresh).next == "people"
    after = board(PEOPLE, given=fresh)
    assert (after.next, next_run(after)) == ("site-check", "site-check")
    assert line(after, "first-routed").waits_for == ("first-came",)
    assert line(after, "ready").waits_for == ("site-check",)


def test_everything_done_leaves_nothing_next() -> None:
    ran = [
        said(n, Said.RUN, "well", item, well=True)
        for n, item in enumerate(("front-door", "route", "verification"))
    ]
    ticks = [
        said(n, Said.TICK, item=each.id)
        for n, each in enumerate(board().lines, start=10)
        if each.kind.value == "tick"
    ]
    found = board(*ran, *ticks)
    assert (found.next, next_run(found), found.open_items) == (None, None, ())
    assert all(part.settled == len(part.lines) for part in found.parts)


def test_contact_that_was_made_counts_after_a_restart_until_it_is_lost() -> None:
    asked = said(1, Said.RUN, "asked hpc", "contact", well=True)
    fresh = facts(places=(Place("hpc", "not tried yet", known=False),))
    assert line(board(given=fresh), "contact").state is ItemState.OPEN
    assert line(board(asked, given=fresh), "contact").seen == "asked hpc"
    assert line(board(asked, given=fresh), "ready").state is ItemState.DONE
    lost = facts(places=(Place("hpc", "no answer in time"),))
    assert line(board(asked, given=lost), "contact").state is ItemState.FAILED


def test_the_newest_result_counts() -> None:
    ran = [
        said(1, Said.RUN, "no certificate", "front-door", well=False),
        said(2, Said.RUN, "ok", "front-door", well=True),
    ]
    assert line(board(*ran), "front-door").state is ItemState.DONE
    assert line(board(*reversed(ran)), "front-door").state is ItemState.FAILED


@pytest.mark.parametrize(
    ("remark", "complaint"),
    [
        (Remark(Said.TICK, item="ready"), "done when it is seen"),
        (Remark(Said.TICK, item="hello"), "done when it is seen"),
        (Remark(Said.TICK), "which item"),
        (Remark(Said.SKIP, item="hello"), "and why"),
        (Remark(Said.NOTE), "what is to be noted"),
        (Remark(Said.OPEN), "what is open"),
        (Remark(Said.SETTLE, about=2), "there are: 1"),
        (Remark(Said.RUN, item="hello"), "only the session itself"),
    ],
)
def test_what_cannot_be_said(remark: Remark, complaint: str) -> None:
    with pytest.raises(CannotSay, match=complaint):
        check_remark(remark, [said(1, Said.OPEN, "a"), said(2, Said.NOTE, "b")])


@pytest.mark.parametrize(
    ("item", "complaint"),
    [("people", "is not run by us; what is run: contact, site-check"), ("stress", "waits for hello")],
)
def test_what_cannot_be_run(item: str, complaint: str) -> None:
    with pytest.raises(CannotSay, match=complaint):
        check_run(board(given=facts(tests={})), item)


def test_a_board_is_kept_as_it_is() -> None:
    found = board(PEOPLE, said(2, Said.DECISION, "200 at most"), given=facts(checks=(checked(KEY_MODE),)))
    assert read(written(found)) == found
    with pytest.raises(ValueError, match="format 2"):
        read({"format": 2, "board": {}})
