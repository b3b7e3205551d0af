"""The cluster in memory promises of a refresh what bosco.gateway does."""

from __future__ import annotations

import pytest

from bosco.batch.model import BatchRequest, InputFile
from bosco.errors import Failed, Interrupted, NotRun, Refusal
from hosted_ce.engine.ports import Site
from tests.fakes.bench import SCRIPT, SHA256, Bench
from tests.fakes.faults import Fault

STAMP = "haaaaaaaaaaaaaa"
NEW = "1" * 64


async def contents(sha256: str) -> bytes:
    return SCRIPT if sha256 == SHA256 else b"new"


async def submitted(ce: Bench) -> Site:
    site: Site = ce.site
    inputs = (InputFile("pilot.sh", SHA256, executable=True), InputFile("token", SHA256))
    await site.submit(BatchRequest(STAMP, "pilot.sh", inputs, 60, credentials=("token",)), contents)
    return site


async def test_credentials_are_replaced_and_only_these(ce: Bench) -> None:
    site = await submitted(ce)
    assert await site.refresh(STAMP, {"token": NEW}, contents)
    with pytest.raises(Failed) as raised:
        await site.refresh(STAMP, {"pilot.sh": NEW}, contents)
    assert raised.value.refusal is Refusal.PERMANENT
    assert ce.site.folders[STAMP].credentials == {"token": NEW}
    assert ce.site.files[NEW] == b"new"


async def test_a_job_that_is_not_there_is_told(ce: Bench) -> None:
    assert not await ce.site.refresh(STAMP, {"token": NEW}, contents)
    site = await submitted(ce)
    await site.remove([STAMP])
    assert not await site.refresh(STAMP, {"token": NEW}, contents)


@pytest.mark.parametrize(
    ("fault", "error", "done"), [(Fault.NOT_RUN, NotRun, SHA256), (Fault.LOST_REPLY, Interrupted, NEW)]
)
async def test_trouble_on_the_way(ce: Bench, fault: Fault, error: type[Exception], done: str) -> None:
    site = await submitted(ce)
    ce.site.faults.plan("refresh", fault)
    with pytest.raises(error):
        await site.refresh(STAMP, {"token": NEW}, contents)
    assert ce.site.folders[STAMP].credentials == {"token": done}
