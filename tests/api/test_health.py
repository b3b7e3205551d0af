"""Probes, metrics, and the site."""

from __future__ import annotations

import httpx

from hosted_ce.api.views import Check
from tests.api.world import World


async def test_up(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "version": "1.2.3"})


async def test_ready(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/readyz")
    assert answer.status_code == 200
    check = {"name": "database", "ok": True, "detail": "answers", "essential": True}
    assert answer.json() == {"ok": True, "degraded": False, "checks": [check]}


async def test_not_ready(stranger: httpx.AsyncClient, world: World) -> None:
    world.checks.append(Check("task route", False, "ValueError: x"))
    answer = await stranger.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["ok"], answer.json()["degraded"]) == (False, True)
    assert answer.json()["checks"][1]["detail"] == "ValueError: x"


async def test_ready_and_degraded(stranger: httpx.AsyncClient, world: World) -> None:
    """Traffic goes on: what is in force is well."""
    said = "site.yaml:3:5: there is no cluster 'x'"
    world.checks.append(Check("site file", False, said, essential=False))
    answer = await stranger.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json()["ok"], answer.json()["degraded"]) == (True, True)
    assert answer.json()["checks"][1] == {
        "name": "site file", "ok": False, "detail": said, "essential": False,
    }  # fmt: skip


async def test_metrics_for_whoever_asks(stranger: httpx.AsyncClient) -> None:
    plain = await stranger.get("/metrics")
    assert plain.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "hosted_ce_test_pilots 3.0" in plain.text
    accept = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    modern = await stranger.get("/metrics", headers=accept)
    assert modern.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert modern.text.endswith("# EOF\n")


async def test_the_site(client: httpx.AsyncClient) -> None:
    site = (await client.get("/api/v1/site")).json()
    assert (site["name"], site["resource"]) == ("Example-University", "Example-CE1")
    ready, refused = site["clusters"]
    assert ready["logins"] == ["login1.example.edu", "login2.example.edu"]
    assert (ready["contact"], ready["since"], ready["listed_at"]) == (
        "ready", "2026-02-02T00:40:00.000Z", "2026-02-02T02:39:48.000Z",
    )  # fmt: skip
    assert (refused["contact"], refused["problem"]) == ("refused", "the host key is not the one on record")
    assert (refused["submitting"], refused["closed_reason"], refused["listed_at"]) == (
        False,
        "no contact",
        None,
    )
    assert site["routes"][0] == {
        "name": "large", "cluster": "hpc", "when": "RequestCpus >= 8",
        "limits": {"pilots": 500, "idle": 50, "running": None, "cores": None},
        "usage": {"pilots": 320, "idle": 12, "cores": 0, "submits": 0, "tests": 0}, "full": None,
        "refused": None, "ramp": None,
    }  # fmt: skip
    assert site["routes"][1]["refused"] == {
        "kind": "limit", "said": "QOSMaxSubmitJobPerUserLimit", "since": "2026-02-02T02:39:00.000Z",
        "until": "2026-02-02T02:41:00.000Z", "times": 3,
    }  # fmt: skip
    assert (refused["state"], refused["overdue"]) == ("auth_refused", 2)
    assert refused["state_reason"] == "the host key is not the one on record"
