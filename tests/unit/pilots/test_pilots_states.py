"""States and stamps: which changes are legal, and what a stamp looks like."""

from __future__ import annotations

import itertools

import pytest

from hosted_ce.pilots.stamps import STAMP, STAMP_BYTES, stamp_from
from hosted_ce.pilots.states import AT_SITE, FINAL, IllegalChange, Stage, State, check_change

LEGAL = {
    (State.IDLE, State.RUNNING), (State.IDLE, State.UNKNOWN), (State.IDLE, State.HELD),
    (State.IDLE, State.COMPLETED), (State.IDLE, State.REMOVED), (State.IDLE, State.LOST),
    (State.UNKNOWN, State.IDLE), (State.UNKNOWN, State.RUNNING), (State.UNKNOWN, State.HELD),
    (State.UNKNOWN, State.COMPLETED), (State.UNKNOWN, State.REMOVED), (State.UNKNOWN, State.LOST),
    (State.RUNNING, State.IDLE), (State.RUNNING, State.UNKNOWN), (State.RUNNING, State.COMPLETED),
    (State.RUNNING, State.REMOVED), (State.RUNNING, State.LOST), (State.RUNNING, State.HELD),
    (State.HELD, State.IDLE),
    (State.HELD, State.REMOVED),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), list(itertools.product(State, State)))
def test_only_these_changes_are_legal(old: State, new: State) -> None:
    if old is new or (old, new) in LEGAL:
        check_change(old, new)
        return
    with pytest.raises(IllegalChange, match=f"a pilot that is {old} cannot become {new}") as caught:
        check_change(old, new)
    assert (caught.value.old, caught.value.new) == (old, new)


@pytest.mark.parametrize("final", sorted(FINAL))
def test_final_states_are_final(final: State) -> None:
    assert not {pair for pair in LEGAL if pair[0] is final}


def test_what_may_have_a_batch_job_counts() -> None:
    assert {Stage.SUBMITTING, Stage.DOUBTFUL, Stage.QUEUED, Stage.RUNNING} == AT_SITE


@pytest.mark.parametrize("random_bytes", [b"\0" * 9, b"\xff" * 9, bytes(range(9))])
def test_a_stamp_is_a_short_lower_case_word_that_begins_with_a_letter(random_bytes: bytes) -> None:
    stamp = stamp_from(random_bytes)
    assert STAMP.match(stamp)
    assert len(stamp) == 15  # old PBS takes no longer job name
    assert stamp[0] == "h"


def test_stamps_of_different_bytes_differ() -> None:
    """Each of the 70 bits that are used makes a difference."""
    one = stamp_from(b"\0" * STAMP_BYTES)
    others = {stamp_from((1 << bit).to_bytes(STAMP_BYTES, "big")) for bit in range(2, 8 * STAMP_BYTES)}
    assert len(others) == 70
    assert one not in others


@pytest.mark.parametrize("size", [0, 8, 10])
def test_a_stamp_is_made_of_nine_bytes(size: int) -> None:
    with pytest.raises(ValueError, match=f"made of 9 bytes, not {size}"):
        stamp_from(b"x" * size)
