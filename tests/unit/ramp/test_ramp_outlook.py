"""Where a ramp stands, in one word and with its numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.outlook import Outlook, Standing, outlook
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Mode, State, Word

NOW = 1_770_000_000.0
RULES = Rules(2, 100, ran_for_s=600)
LEVEL = State(16, NOW - 600, after=10, carried=8)
FEW = Evidence(newest=18, at_site=16, begun=8, started=7, queued=1, tried=7, proven=5, wait_s=180)


def look(state: State = LEVEL, evidence: Evidence = FEW) -> Outlook:
    return outlook(state, evidence, RULES, NOW)


def test_while_it_climbs_it_says_what_is_missing() -> None:
    found = look()
    assert found.standing is Standing.CLIMBING
    assert found.said == "5 of 7 ran 10 min or ended well"
    assert found.next_cap == 32
    assert [gate.said for gate in found.gates] == [
        "7 of 8 started (6 are enough)", "5 of 7 ran 10 min or ended well", "failures 0 of 5", "wait 3 min",
        "the site takes its pilots", "it is known how they are", "no fall of late",
    ]  # fmt: skip
    assert [gate.passed for gate in found.gates] == [True, False, True, True, True, True, True]


def test_pilots_that_never_start_are_told_apart_from_a_slow_queue() -> None:
    found = look(evidence=replace(FEW, started=2, queued=6, never=6))
    assert found.standing is Standing.CLIMBING
    assert found.gates[0].said == (
        "2 of 8 started (6 are enough); 6 never start as they are and keep places: "
        "see `hosted-ce why` of those that wait"
    )
    one = look(evidence=replace(FEW, never=1)).gates[0].said
    assert "; 1 never starts as it is and keeps a place: " in one


def test_a_cap_that_nobody_fills_has_no_pressure() -> None:
    found = look(evidence=replace(FEW, at_site=10, begun=2, started=2, queued=0, tried=2, proven=2))
    assert found.standing is Standing.NO_PRESSURE
    assert found.said.startswith("no pressure: 10 of 16 pilots are at the site, and the ramp keeps none back")


@pytest.mark.parametrize(
    ("lacks", "standing", "said"),
    [
        ({"refused": "QOSMaxJobs"}, Standing.PUSHED_BACK, "QOSMaxJobs"),
        ({"blind": "no contact"}, Standing.BLIND, "no contact"),
        ({"late": 5, "begun": 8}, Standing.SLOW, "wait 3 min, 5 of 8 for longer than 1 h"),
        (
            {"failed": {"vanished": 1, "no_cvmfs": 2}, "tried": 30},
            Standing.FAILING,
            "failures 3 of 8 (2 no cvmfs, 1 vanished), at most 1 may fail (10 %, and always one)",
        ),
    ],
)
def test_what_is_wrong_is_told_first(lacks: dict[str, object], standing: Standing, said: str) -> None:
    found = look(evidence=replace(FEW, **lacks))  # type: ignore[arg-type]
    assert found.standing is standing
    assert said in found.said


def test_resting_held_and_at_target() -> None:
    assert look(replace(LEVEL, rests_until=NOW + 1800)).standing is Standing.RESTING
    assert "rests for another 30 min" in look(replace(LEVEL, rests_until=NOW + 1800)).said
    assert look(replace(LEVEL, cap=2, held_since=NOW - 5)).standing is Standing.HELD
    top = look(replace(LEVEL, cap=100))
    assert (top.standing, top.said, top.next_cap) == (Standing.AT_TARGET, "it admits all 100", 100)


def test_whose_word_it_is_is_told() -> None:
    word = Word("rest:me", NOW, "maintenance")
    pinned = look(replace(LEVEL, mode=Mode.PINNED, word=word))
    assert (pinned.said, pinned.next_cap) == ("pinned at 16 by rest:me: maintenance", 16)
    paused = look(replace(LEVEL, mode=Mode.PAUSED, word=replace(word, reason=None)))
    assert paused.said == "it does not go up: paused by rest:me"
