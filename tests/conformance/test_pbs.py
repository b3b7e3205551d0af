"""The PBS codec with stand-ins of OpenPBS and of Torque, as sites have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bosco.batch.model import Listing
from tests.conformance import jobs
from tests.conformance.bench import Ability, Bench
from tests.conformance.benches.standin import StandInBench
from tests.conformance.cases import Conformance
from tests.standins.site import running


class TestOpenPbs(Conformance):
    """With job history."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """A new one for each test."""
        with running(tmp_path / "site", "pbs", "openpbs") as site:
            yield StandInBench(site, Ability.LEFT_OUT)


class TestOpenPbsWithoutHistory:
    """PBS's default: a job is forgotten as soon as it has ended. Its own record is the evidence."""

    async def test_PB3_a_job_that_ended_is_known_by_its_own_record_only(self, tmp_path: Path) -> None:
        with running(tmp_path / "site", "pbs", "openpbs") as site:
            site.place.play(history=False)
            bench = StandInBench(site)
            async with bench.connect() as link:
                request = jobs.request(bench, "exit", "5")
                batch_id = await jobs.submit(link, request)
                while not (record := (await link.evidence([request.stamp]))[request.stamp].job).ended:
                    await bench.pause()
                assert (record.exit_code, record.batch_id) == (5, batch_id)
                while (listing := await link.listing()).observations:
                    await bench.pause()
                assert listing == Listing((), complete=True)
                for asked in ({"batch_ids": [batch_id]}, {"stamps": [request.stamp]}):
                    records = await link.accounting(0.0, **asked)
                    assert (records.observations, records.complete) == ((), True)
                    assert "job_history_enable" in (records.problem or "")


class TestTorque(Conformance):
    """Ended jobs are listed for two seconds."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """A new one for each test."""
        with running(tmp_path / "site", "pbs", "torque", server="torque1", keep_ended_s=2.0) as site:
            yield StandInBench(site, Ability.ACCOUNTING, Ability.LEFT_OUT, lists_ended_s=2.0)
