"""A demo leaves another one that runs in the same folder alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.daemon import CannotStart
from hosted_ce.daemon.process.held import alone_in
from hosted_ce.demo.run import run_demo
from hosted_ce.settings import Settings


async def test_the_site_of_a_demo_that_runs_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "demo"
    with alone_in(folder):
        (folder / "site.yaml").write_text("of the first")
        with pytest.raises(CannotStart, match=r"another CE \(process \d+\) uses .*stop it"):
            await run_demo(Settings(state=tmp_path / "state"), once=True)
    assert {path.name for path in folder.iterdir()} == {"site.yaml", "lock"}
    assert (folder / "site.yaml").read_text() == "of the first"
