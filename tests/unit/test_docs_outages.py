"""The page about outages has every cause, after how long it is told, and whose move it is."""

from __future__ import annotations

import re
from pathlib import Path

from hosted_ce.incidents.cause import ABOUT, Mover
from hosted_ce.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "operators" / "outages.md").read_text(encoding="utf-8")
MOVERS = {Mover.OSG: "OSG", Mover.SITE: "the site"}


def test_every_cause_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (\d+) min(?: after the check)? \| (.*) \|$", PAGE, re.MULTILINE)
    after = Settings().incident_after
    assert rows == [
        (
            cause.value,
            f"{about.patience * after / 60:.0f}",
            MOVERS[about.mover],
        )
        for cause, about in ABOUT.items()
    ]
