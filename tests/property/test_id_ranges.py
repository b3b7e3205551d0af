"""Ids of many pilots in few words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.pilots.id_ranges import in_ranges, ranges_of


@given(st.sets(st.integers(1, 60)))
def test_ranges_have_these_ids_and_no_others(ids: set[int]) -> None:
    told = ranges_of(ids)
    assert {each for each in range(62) if in_ranges(each, told)} == ids
    assert len(told) == sum(each - 1 not in ids for each in ids)


@pytest.mark.parametrize("strange", [None, 5, "1-3", [None], ["x"], ["1-"], ["-1"], [{}], ["1-2-3"]])
def test_what_is_no_range_has_none(strange: Any) -> None:
    assert not in_ranges(2, strange)
