"""A CE that runs beside the batch system is examined without SSH; what cannot begin is told."""

from __future__ import annotations

import asyncio
import os
import pwd
from pathlib import Path

import pytest

from hosted_ce.checks.judges.judge import login_report
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks.examining import Examiner
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.site import SiteFile


async def results(spool: Path, **cluster: object) -> dict[str, Result]:
    """What the checks say of a CE on this machine, where there is no Slurm of this name."""
    own = {
        "batch": "lsf",
        "transport": "local",
        "account": cluster.pop("account"),
        "spool": str(spool),
        **cluster,
    }
    site = SiteFile.model_validate(
        {"site": "X", "resource": "Y", "clusters": {"main": own}, "routes": [{"name": "osg"}]}
    )
    examiner = Examiner("main", site.clusters["main"], table_of(site, spool))
    facts = [facts async for facts in examiner.facts()][-1]
    # Its agents end by themselves, after their input has: the loop must not end before them.
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "bosco-local-reaper"))
    return {each.check: each for each in login_report(facts, local=True)}


async def test_nobody_logs_in_and_all_the_rest_is_looked_at(tmp_path: Path, own_account: str) -> None:
    found = await results(tmp_path / "spool", account=own_account)
    assert not any(check.startswith("SSH-") and check != "SSH-6" for check in found)
    assert (found["OS-3"].verdict, found["OS-3"].where) == (Verdict.PASS, "this machine")
    assert found["AC-7"].verdict is Verdict.PASS
    assert found["BS-3"].verdict is Verdict.FAIL, "LSF is not installed here"
    assert found["CL-1"].data["because"] == "BS-3"


async def test_a_spool_that_cannot_be_made(tmp_path: Path, own_account: str) -> None:
    (tmp_path / "spool").write_text("in the way")
    found = await results(tmp_path / "spool", account=own_account)
    assert found["AC-6"].verdict is Verdict.FAIL
    assert {each.data["because"] for each in found.values() if each.verdict is Verdict.SKIPPED} == {"AC-6"}


@pytest.fixture
def own_account() -> str:
    return pwd.getpwuid(os.getuid()).pw_name
