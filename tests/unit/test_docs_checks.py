"""The table of planted faults is that of the faults which are planted."""

from __future__ import annotations

import re
from pathlib import Path

from hosted_ce.checks.catalogue import CATALOGUE
from tests.e2e.planted.faults import FAULTS

PAGE = Path(__file__).parents[2] / "docs" / "developers" / "planted-faults.md"
ROW = re.compile(r"^\| ([^|]+) \| ([A-Z]+-\d+) \| (?:warn|fail) \| `[^`]+` \|$", re.MULTILINE)


def test_the_table_has_every_fault_with_its_check() -> None:
    assert ROW.findall(PAGE.read_text()) == [(fault.what, fault.check) for fault in FAULTS]


def test_faults_are_found_by_checks_that_there_are() -> None:
    assert {fault.check for fault in FAULTS} <= set(CATALOGUE)
    assert len(FAULTS) >= 20
