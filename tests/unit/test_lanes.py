"""In which order workers get files."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.lanes import LONGEST, Lanes, begins_with_labs, next_file

ROOT = Path(__file__).parents[2]
LABS = ["tests/conformance/test_one.py", "tests/e2e/test_other.py"]
REST = ["tests/api/test_one.py", "tests/unit/test_other.py"]


def order(waiting: list[str], *, labs: bool) -> list[str]:
    """In which one worker alone would run them."""
    left, done = list(waiting), list[str]()
    while left:
        done.append(next_file(left, labs=labs))
        left.remove(done[-1])
    return done


def test_each_lane_begins_with_its_own_and_goes_on_with_what_the_other_has_left() -> None:
    waiting = [REST[0], *LABS, REST[1]]
    assert order(waiting, labs=True) == [*LABS, *REST]
    assert order(waiting, labs=False) == [*REST, *LABS]


@pytest.mark.parametrize("labs", [True, False])
def test_what_takes_longest_is_run_first_in_its_lane(labs: bool) -> None:
    own = [file for file in LONGEST if file.startswith(("tests/e2e", "tests/conformance")) == labs]
    assert order([*LABS, *REST, *reversed(LONGEST)], labs=labs)[: len(own)] == own


@pytest.mark.parametrize("file", LONGEST)
def test_what_is_said_to_take_longest_exists(file: str) -> None:
    assert (ROOT / file).is_file()


def test_workers_are_in_both_lanes() -> None:
    assert [begins_with_labs(f"gw{number}") for number in range(4)] == [True, False, True, False]


def test_xdist_asks_what_we_answer() -> None:
    """It is no public method: under another name the order would be lost without a word."""
    name = Lanes._assign_work_unit.__name__
    assert callable(getattr(LoadFileScheduling, name, None))
