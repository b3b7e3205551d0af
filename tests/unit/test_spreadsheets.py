"""Names of factories in tables for spreadsheets are names there, too."""

from __future__ import annotations

import pytest

from hosted_ce.api.spreadsheets import spreadsheet_safe


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_what_would_be_a_formula_is_a_text(text: str) -> None:
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("value", ["osg", "a=b", "", "OSG_US_Example-CE1", -1.5, 0, None, True])
def test_all_else_stays(value: object) -> None:
    assert spreadsheet_safe(value) == value
