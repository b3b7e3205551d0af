"""What a probe found is held against the site file in force, and counts for health."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from bosco.errors import Interrupted
from hosted_ce.api.ports.operations import CannotProbe
from hosted_ce.api.views import ClusterView, Contact
from hosted_ce.capabilities.finding import Finding, Weight
from hosted_ce.capabilities.record import CapabilityRecord
from hosted_ce.daemon.findings import Findings
from hosted_ce.daemon.operations import Operations
from hosted_ce.daemon.wellbeing import cluster_facts
from hosted_ce.routing.request import Request
from hosted_ce.routing.route import Table
from tests.fakes.capabilities import capabilities
from tests.fakes.routes import route

RECORD = CapabilityRecord(5.0, capabilities())
WRONG, RIGHT = (Table((route("r", request=Request(queue=name, walltime_s=60)),)) for name in ("no", "short"))


def test_a_cluster_that_was_not_probed_has_none() -> None:
    assert Findings(lambda: WRONG).of("main", None, 30.0) is None


def test_another_table_or_another_record_has_findings_of_its_own() -> None:
    table = WRONG
    findings = Findings(lambda: table)
    first = findings.of("main", RECORD, 30.0)
    assert first is not None
    assert [one.id for one in first.findings] == ["queue-missing"]
    assert findings.of("main", RECORD, 30.0) is first, "worked out once"
    table = RIGHT
    mended = findings.of("main", RECORD, 30.0)
    assert mended is not None
    assert mended.findings == ()
    noisy = replace(RECORD, found=capabilities(clock_offset_s=100.0))
    probed = findings.of("main", noisy, 30.0)
    assert probed is not None
    assert [one.id for one in probed.findings] == ["clock-off"]


def test_problems_count_for_health_and_warnings_do_not() -> None:
    view = ClusterView("main", "slurm", (), "osg01", Contact.READY, 0.0, None, 0.0, True, None)
    problem, warning = (Finding("x", weight, weight.value, f"do {weight}") for weight in Weight)
    facts = cluster_facts(replace(view, findings=(problem, warning)))
    assert facts.problems == (("problem", "do problem"),)


async def test_a_site_that_does_not_answer_cannot_be_probed() -> None:
    class Part:
        async def probe(self) -> None:
            raise Interrupted("no answer to 'survey' within 60 s")

    operations = Operations(cast(Any, {"main": Part()}), {}, cast(Any, None), lambda: 0.0)
    with pytest.raises(CannotProbe, match="no answer to 'survey'"):
        await operations.probe("main")
