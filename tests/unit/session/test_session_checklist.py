"""The checklist as it is written: in order, complete, and in words for whose move it is."""

from __future__ import annotations

import pytest

from hosted_ce.session.checklist import ITEMS, MINUTES, PHASES, UnknownItem, item_of
from hosted_ce.session.item import Act, ItemKind


def test_it_takes_two_hours() -> None:
    assert MINUTES == 120
    assert [phase.minutes for phase in PHASES][:2] == [30, 20]


def test_ids_are_used_once() -> None:
    assert len(ITEMS) == sum(len(phase.items) for phase in PHASES)
    assert len({phase.id for phase in PHASES}) == len(PHASES)


def test_what_an_item_needs_comes_before_it() -> None:
    before: set[str] = set()
    for item in ITEMS.values():
        assert set(item.needs) <= before, item.id
        before.add(item.id)


def test_every_act_is_started_by_one_item() -> None:
    acts = [item.run for item in ITEMS.values() if item.run]
    assert sorted(acts) == sorted(Act)


def test_what_is_run_is_judged_and_what_is_ticked_is_not() -> None:
    for item in ITEMS.values():
        assert (item.judge is None) == (item.kind is ItemKind.TICK), item.id


def test_items_are_found_in_any_case_and_others_are_told() -> None:
    assert item_of("HELLO").id == "hello"
    with pytest.raises(UnknownItem, match=r"no item 'hallo'; there are: people, site-file"):
        item_of("hallo")
