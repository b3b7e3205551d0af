"""Faults planted in a real login node and a real Slurm: each is found by the right check, and by no other.

The table of docs/developers/planted-faults.md is made of these (`python -m tests.e2e.planted.table`).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bosco.ssh.walk import Patience
from hosted_ce.checks.dependencies import BECAUSE
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab
from tests.e2e.planted.bench import OPTIONS, Planted
from tests.e2e.planted.faults import FAULTS, Fault

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def site(make_lab: Callable[[LabOptions], Lab], tmp_path_factory: pytest.TempPathFactory) -> Planted:
    planted = Planted(make_lab(OPTIONS), tmp_path_factory.mktemp("planted"))
    planted.prepare()
    return planted


@pytest.fixture
def bench(site: Planted) -> Planted:
    site.cluster.clear()
    site.request.clear()
    site.patience = Patience()
    return site


def bad(results: tuple[Result, ...]) -> dict[str, Verdict]:
    """Without the load, which is of the machine that runs the tests."""
    return {each.check: each.verdict for each in results if each.verdict.badness and each.check != "OS-8"}


def test_a_site_without_faults_has_none(bench: Planted) -> None:
    assert bad(bench.report()) == {}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_is_found_by_its_check_and_by_no_other(bench: Planted, fault: Fault) -> None:
    with fault.plant(bench):
        results = bench.report()
    assert set(bad(results)) == {fault.check}
    assert {each.data[BECAUSE] for each in results if BECAUSE in each.data} <= {fault.check}


def test_after_all_of_them_the_site_is_well_again(bench: Planted) -> None:
    assert bad(bench.report()) == {}
