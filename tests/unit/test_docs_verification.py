"""The page about verification has each kind of advice, by its id and title, and the program's own numbers."""

from __future__ import annotations

import re
from pathlib import Path

from hosted_ce.api.verifying import LONGEST_S, SHORTEST_S
from hosted_ce.verification import mismatches, remnants, thresholds, use
from hosted_ce.verification.advice import AdviceWeight
from hosted_ce.verification.catalogue import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "operators" / "verification.md").read_text(encoding="utf-8")


def test_each_kind_of_advice_has_its_section() -> None:
    sections = re.findall(r"^### (VF-\d+) (.+)$", PAGE, re.MULTILINE)
    assert sections == [(name, kind.title) for name, kind in KINDS.items()]
    for weight in AdviceWeight:
        assert f"| {weight.value} |" in PAGE


def test_the_numbers_are_those_of_the_program() -> None:
    assert (SHORTEST_S, LONGEST_S) == (3600, 90 * 86_400)
    assert "an hour to 90 days back" in PAGE
    assert f"fewer than {thresholds.ENOUGH_RUNS} runs" in PAGE
    assert f"fewer than {thresholds.FEW}\n" in PAGE
    assert (thresholds.PART, remnants.TELLING) == (0.05, 0.05)
    assert (mismatches.LESS, mismatches.MORE) == (0.95, 1.25)
    assert f"less than {use.IDLE_CORES} % of their" in PAGE
    assert f"more than {use.MORE_THAN_ALL} %" in PAGE
    assert (use.IDLE_MEMORY, use.FULL_MEMORY, use.IDLE_WALLTIME) == (50, 95, 25)
