"""Configurations such as sites have: the same routed ads as HTCondor, and the same import of old routes."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from hosted_ce.routing.htcondor.convert import convert_entries
from hosted_ce.routing.htcondor.read import read_config
from tests.e2e.routing.batches import DEFAULTS, SITES, Batch
from tests.e2e.routing.compare import compare
from tests.e2e.routing.converter import converted
from tests.e2e.routing.oracle import Oracle
from tests.e2e.routing.pilots import pilot

IMPORTED_BETTER = {
    # HTCondor leaves `TARGET.` in an eval_set_, where it is nothing.
    "05-tier2-queues.old.conf": {"AccountingGroup"},
    # HTCondor makes attributes of `set_default_…`, which nothing reads.
    "07-batch-system-by-attribute.old.conf": {
        "RequestMemory", "BatchQueue", "default_maxMemory", "default_queue",
    },
}  # fmt: skip
"""Attributes in which our import of old routes differs from HTCondor's own, and must."""

FILES = sorted(SITES.glob("*.conf"))
OLD = [file for file in FILES if file.name.endswith(".old.conf")]


def text_of(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    if file in OLD:
        conversion = convert_entries(read_config([(file.name, text)]))
        assert [finding for finding in conversion.findings if finding.severity == "error"] == []
        return conversion.text
    return text


def pilots(seed: int, count: int = 120) -> tuple[str, ...]:
    random = Random(seed)
    return tuple(pilot(random, number + 1) for number in range(count))


def test_there_is_a_file_for_each_of_the_known_configurations() -> None:
    assert [file.name[:2] for file in FILES] == [f"{number:02}" for number in range(1, 18)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_a_site_s_pilots_are_routed_as_by_htcondor(oracle: Oracle, file: Path) -> None:
    result = compare(oracle, Batch(f"{DEFAULTS}{text_of(file)}", pilots(int(file.name[:2]))))
    assert result.differences == ()
    assert result.routed > 0


@pytest.mark.parametrize("file", OLD, ids=lambda file: str(file.name))
def test_old_routes_are_imported_as_htcondor_converts_them(
    oracle: Oracle, condor_programs: Path, file: Path
) -> None:
    theirs = converted(condor_programs / "condor_transform_ads", file.read_text(encoding="utf-8"))
    # HTCondor writes UNIVERSE, with which whole nodes are not given; we write TargetUniverse.
    ads = [re.sub("WantWholeNode.*\n", "", ad) for ad in pilots(100 + int(file.name[:2]))]
    by_us = oracle.judge(f"{DEFAULTS}{text_of(file)}", ads).ads
    by_them = oracle.judge(f"{DEFAULTS}{theirs}", ads).ads
    assert by_us
    different = {
        name
        for key in by_us.keys() | by_them.keys()
        for name, text in by_us.get(key, {}).items() ^ by_them.get(key, {}).items()
    }
    assert different == IMPORTED_BETTER.get(file.name, set())
