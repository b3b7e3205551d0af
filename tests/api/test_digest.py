"""The digest by API: JSON, text, Markdown, HTML."""

from __future__ import annotations

import httpx
import pytest

from hosted_ce.incidents.cause import Cause
from hosted_ce.incidents.incident import Incident
from tests.api.requests import submit
from tests.api.test_charts import ended
from tests.api.test_pages import HOSTILE
from tests.api.world import START, World

PATH = "/api/v1/site/digest"


async def test_it_has_what_was_going_on(client: httpx.AsyncClient, world: World) -> None:
    await submit(client)
    await ended(world, 1)
    await world.services.incidents.write(
        Incident("hpc", Cause.BATCH_DOWN, START - 600, START - 300, HOSTILE, 20)
    )
    found = (await client.get(PATH)).raise_for_status().json()
    by_title = {section["title"]: section["lines"] for section in found["sections"]}
    assert by_title["Contributions"][0] == "1 run of pilots ended, and had 8 core hours."
    assert "The batch system does not answer" in by_title["Outages"][0]
    assert any("cluster old cannot be reached" in line for line in by_title["Open problems"])
    assert by_title["What ends soon"]


@pytest.mark.parametrize(
    ("form", "media", "word"),
    [
        ("text", "text/plain", "CONTRIBUTIONS"), ("markdown", "text/markdown", "## Contributions"),
        ("html", "text/html", "<h2>Contributions</h2>"),
    ],
)  # fmt: skip
async def test_forms(client: httpx.AsyncClient, world: World, form: str, media: str, word: str) -> None:
    await world.services.incidents.write(Incident("hpc", Cause.BATCH_DOWN, START, START, HOSTILE))
    answer = await client.get(PATH, params={"format": form, "since": "30d"})
    assert answer.headers["content-type"].startswith(media)
    assert word in answer.text
    assert form == "text" or "<script>alert" not in answer.text


async def test_bad_spans(client: httpx.AsyncClient) -> None:
    for since in ("1m", "1y", ""):
        assert (await client.get(PATH, params={"since": since})).status_code == 422
