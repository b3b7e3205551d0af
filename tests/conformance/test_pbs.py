"""The PBS codec with stand-ins of OpenPBS and of Torque, as sites have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
            yield StandInBench(site, Ability.LEFT_OUT, Ability.PINNED)


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


@contextmanager
def without_shared_home(folder: Path, flavour: str, **settings: Any) -> Iterator[Bench]:
    """Without what the home has nothing to do with."""
    lacking = {Ability.LEFT_OUT, Ability.PINNED, Ability.RECORDS}
    shown = {Ability.WALLTIME, Ability.MEMORY, Ability.HOLD, Ability.REFUSAL, Ability.OUTAGE, Ability.CROWD}
    (node_home := folder / "node").mkdir()
    with running(folder / "site", "pbs", flavour, node_home=str(node_home), **settings) as site:
        yield StandInBench(site, *lacking, *shown, scratch=str(node_home), options={"shared_home": False})


class TestWithoutSharedHome(Conformance):
    """Inputs come in the script; the node's daemon copies the outputs home."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """OpenPBS."""
        with without_shared_home(tmp_path, "openpbs") as bench:
            yield bench


class TestTorqueWithoutSharedHome:
    """The files go the same way, and ended jobs are soon forgotten."""

    async def test_outputs_and_record_come_home(self, tmp_path: Path) -> None:
        with without_shared_home(tmp_path, "torque", keep_ended_s=0.0) as bench:
            async with bench.connect() as link:
                request = jobs.request(bench, "exit", "5")
                await jobs.submit(link, request)
                while not (record := (await link.evidence([request.stamp]))[request.stamp].job).ended:
                    await bench.pause()
                assert record.exit_code == 5
                outputs = [
                    (await link.output(request.stamp, name, 100)).data for name in ("stdout", "stderr")
                ]
                assert outputs == [b"said\n", b"whispered\n"]


class TestTorque(Conformance):
    """Ended jobs are listed for two seconds."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        """A new one for each test. How hundreds of jobs are listed was shown above."""
        lacking = {Ability.ACCOUNTING, Ability.LEFT_OUT, Ability.PINNED, Ability.CROWD}
        with running(tmp_path / "site", "pbs", "torque", server="torque1", keep_ended_s=2.0) as site:
            yield StandInBench(site, *lacking, lists_ended_s=2.0)
