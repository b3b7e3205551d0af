"""A whole CE in front of a real Grid Engine, over a real sshd."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosted_ce.checks.judges.facts import Facts
from hosted_ce.checks.judges.judge import login_report
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks.examining import Examiner
from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.site import load_site
from tests.e2e.ce import Ce, killed_in_the_middle, stamps_of
from tests.e2e.lab.gridengine import GridEngineLab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture
def ce(gridengine: GridEngineLab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(gridengine, tmp_path, batch="sge", batch_options={"parallel_environment": "smp"})
    ce.start()
    yield ce
    ce.kill()


def submissions(lab: GridEngineLab) -> Counter[str]:
    """How many jobs of each name have a record."""
    lines = lab.command("qacct", "-o", lab.account, "-j").stdout.decode().splitlines()
    return Counter(line.split()[1] for line in lines if line.startswith("jobname"))


def test_pilots_run_and_a_kill_of_the_ce_loses_and_doubles_none(ce: Ce, gridengine: GridEngineLab) -> None:
    script = "#!/bin/sh\nsleep 1\necho pilot $1\nexit $1\n"
    done = killed_in_the_middle(ce, script, ["0", "1", "2"] * 4, seconds=90)
    assert Counter((pilot["state"], pilot["exit_code"]) for pilot in done) == {
        ("completed", 0): 4, ("completed", 1): 4, ("completed", 2): 4,
    }  # fmt: skip
    assert all(pilot["attempt_number"] == 1 for pilot in done)
    ce.wait_until(
        lambda: stamps_of(done) <= submissions(gridengine).keys(), 60, "the records are not all there"
    )
    assert {submissions(gridengine)[stamp] for stamp in stamps_of(done)} == {1}


def test_why_a_pilot_waits_is_told_and_it_is_removed_from_the_queue(ce: Ce) -> None:
    pilot = ce.submit("#!/bin/sh\n", attributes={"xcount": 99})
    ce.wait_until(
        lambda: "cannot run" in ce.show(pilot["id"])["reason"], 60, "the scheduler's word is missing"
    )
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}").raise_for_status()
    [done] = ce.wait([pilot["id"]], seconds=90)
    assert done["state"] == "removed"


def test_a_running_pilot_is_removed_gently(ce: Ce) -> None:
    pilot = ce.submit("#!/bin/sh\ntrap 'exit 5' TERM\necho begun\nwhile :; do sleep 0.1; done\n")
    ce.wait([pilot["id"]], {"running"})
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}").raise_for_status()
    [done] = ce.wait([pilot["id"]])
    assert (done["state"], done["exit_code"]) == ("removed", 5)


def test_a_check_tries_submissions_without_making_them(gridengine: GridEngineLab, tmp_path: Path) -> None:
    routes = [
        {"name": "well", "request": {"walltime": "10m"}},
        {"name": "odd", "request": {"walltime": "10m", "extra": ["-l nosuch=1"]}},
    ]
    ce = Ce(gridengine, tmp_path, batch="sge", site={"routes": routes})
    site = load_site(ce.site_file)
    examiner = Examiner("lab", site.clusters["lab"], table_of(site, tmp_path))

    async def last() -> Facts:
        return [facts async for facts in examiner.facts()][-1]

    tried = {
        each.where: each for each in login_report(asyncio.run(last()), local=False) if each.check == "BS-4"
    }
    assert tried["well"].verdict is Verdict.PASS
    assert (tried["odd"].verdict, 'unknown resource "nosuch"' in tried["odd"].seen) == (Verdict.FAIL, True)
    assert gridengine.command("qstat", "-u", gridengine.account).stdout == b""
