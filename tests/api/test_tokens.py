"""Tokens over the API, and what they leave in logs and histories."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from hosted_ce.redaction import MASK
from tests.api.requests import PILOTS, a_pilot, submit
from tests.api.world import START, World

TOKENS = "/api/v1/tokens"
WANTED = {"name": "Example University", "role": "viewer", "expires": "14d"}


async def create(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post(TOKENS, json={**WANTED, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_token_is_made_and_its_secret_told_once(client: httpx.AsyncClient) -> None:
    made = await create(client, to="/session/4?tab=a b".replace(" ", "%20"))
    secret = made.pop("token")
    assert made.pop("link") == f"http://ce.test/enter?to=/session/4%3Ftab%3Da%2520b#{secret}"
    assert made == {
        "id": 1, "name": "Example University", "role": "viewer", "good": True,
        "created_at": "2026-02-02T02:40:00.000Z", "created_by": "rest:operator",
        "expires_at": "2026-02-16T02:40:00.000Z", "last_used_at": None,
        "revoked_at": None, "revoked_by": None, "once": False, "link_used_at": None,
    }  # fmt: skip
    listed = await client.get(TOKENS)
    assert listed.json() == {"tokens": [made]}
    assert secret not in listed.text


async def test_it_opens_what_its_role_may_until_it_is_revoked(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await create(client)
    headers = bearing(made["token"])
    assert (await stranger.get(PILOTS, headers=headers)).status_code == 200
    refused = await stranger.post(PILOTS, json=a_pilot(), headers=headers)
    assert refused.status_code == 403
    assert refused.json()["detail"] == "this needs the role operator; 'Example University' is a viewer"
    revoked = (await client.delete(f"{TOKENS}/{made['id']}")).json()
    assert (revoked["good"], revoked["revoked_by"]) == (False, "rest:operator")
    late = await stranger.get(PILOTS, headers=headers)
    assert late.status_code == 401
    assert "'Example University' was revoked at 2026-02-02T02:40:00" in late.json()["detail"]
    assert (await client.delete(f"{TOKENS}/9")).status_code == 404


async def test_it_ends_by_itself(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World
) -> None:
    made = await create(client, expires="1h")
    world.time = START + 3599
    assert (await stranger.get(PILOTS, headers=bearing(made["token"]))).status_code == 200
    world.time = START + 3600
    late = await stranger.get(PILOTS, headers=bearing(made["token"]))
    assert late.status_code == 401
    assert "'Example University' expired at 2026-02-02T03:40:00" in late.json()["detail"]
    [listed] = (await client.get(TOKENS)).json()["tokens"]
    assert (listed["good"], listed["last_used_at"]) == (False, "2026-02-02T03:39:59.000Z")


async def test_it_survives_a_restart(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World
) -> None:
    made = await create(client, expires=None)
    world.services.tokens._tokens.clear()
    assert (await stranger.get(PILOTS, headers=bearing(made["token"]))).status_code == 401
    await world.services.tokens.load()
    assert (await stranger.get(PILOTS, headers=bearing(made["token"]))).status_code == 200


async def test_the_secret_of_a_link_that_works_once_is_in_the_link_alone(client: httpx.AsyncClient) -> None:
    made = await create(client, once=True)
    assert (made["token"], made["once"], made["link_used_at"]) == (None, True, None)
    assert "#hce_" in made["link"]


async def test_two_with_one_name_are_refused(client: httpx.AsyncClient) -> None:
    await create(client)
    answer = await client.post(TOKENS, json=WANTED)
    assert answer.status_code == 409
    assert "hosted-ce token revoke 1" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": ""}, "name"), ({"name": "a\tb"}, "name"), ({"name": "operator"}, "name"),
        ({"name": 7}, "name"),
        ({"role": "root"}, "role"), ({"expires": "14"}, "expires"), ({"expires": "soon"}, "expires"),
        ({"to": "//evil.example"}, "to"), ({"to": "https://evil.example"}, "to"), ({"scope": "x"}, "scope"),
    ],
)  # fmt: skip
async def test_what_cannot_be_a_token(client: httpx.AsyncClient, changes: dict[str, Any], path: str) -> None:
    answer = await client.post(TOKENS, json={**WANTED, **changes})
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert (await client.get(TOKENS)).json() == {"tokens": []}


async def test_an_operator_makes_no_tokens(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    made = await create(client, role="operator")
    answer = await stranger.post(TOKENS, json={**WANTED, "name": "me"}, headers=bearing(made["token"]))
    assert answer.status_code == 403


async def test_who_acted_is_in_the_history_and_in_the_log(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World
) -> None:
    made = await create(client, name="Ada", role="operator")
    [pilot] = await submit(client)
    with capture_logs() as lines:
        answer = await stranger.post(f"{PILOTS}/{pilot}/hold", headers=bearing(made["token"]))
    assert answer.status_code == 202
    assert (await world.services.queries.history(pilot))[-1].actor == "rest:Ada"
    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["caller"], line["role"], line["token_id"]) == ("Ada", "operator", made["id"])
    assert made["token"] not in str(lines)


async def test_every_denial_is_in_the_log(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    made = await create(client, name="Ada")
    with capture_logs() as lines:
        await stranger.get(PILOTS)
        await stranger.get(PILOTS, headers=bearing("hce_" + "x" * 43))
        await stranger.post(PILOTS, headers=bearing(made["token"]))
        await client.delete(f"{TOKENS}/{made['id']}")
        await stranger.get(PILOTS, headers=bearing(made["token"]))
    denied = [line for line in lines if line["event"] == "access denied"]
    assert [line.get("token_id") for line in denied] == [None, None, made["id"], made["id"]]
    assert [line.get("caller") for line in denied] == [None, None, "Ada", "Ada"]
    assert denied[2]["needs"] == "operator"
    assert all(line["why"] for line in denied)
    assert "hce_" not in str(lines)


async def test_a_pilot_belongs_to_the_name_that_submitted_it(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await create(client, name="Ada", role="operator")
    key = {"Idempotency-Key": "k"}
    first = await client.post(PILOTS, json=a_pilot(), headers=key)
    second = await stranger.post(PILOTS, json=a_pilot(), headers=key | bearing(made["token"]))
    assert (first.json()["owner"], second.json()["owner"]) == ("operator", "Ada")
    assert first.json()["id"] != second.json()["id"]


async def test_a_viewer_does_not_see_what_may_be_secret(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, world: World
) -> None:
    viewer, operator = await create(client), await create(client, name="Ada", role="operator")
    attributes = {"xcount": 8, "Environment": "A=s3cret", "SiteToken": "s3cret"}
    secret = {"attributes": attributes, "environment": {"B": "s3cret"}}
    [pilot] = await submit(client, arguments=["-p", "s3cret"], **secret)
    await world.begin(
        pilot, request={"cpus": 8, "environment": {"C": "s3cret"}, "base_environment": {"D": "s3cret"}}
    )
    page = await stranger.get(f"/pilots/{pilot}")
    assert "s3cret" not in page.raise_for_status().text
    assert "<dt>SiteToken</dt>" in page.text
    for path in (PILOTS, f"{PILOTS}/{pilot}"):
        shown = await stranger.get(path, headers=bearing(viewer["token"]))
        assert "s3cret" not in shown.text
        assert "s3cret" in (await stranger.get(path, headers=bearing(operator["token"]))).text
    detail = shown.json()
    assert detail["attributes"] == {"xcount": 8, "Environment": MASK, "SiteToken": MASK}
    assert (detail["environment"], detail["arguments"]) == ({"B": MASK}, [MASK, MASK])
    assert detail["attempts"][0]["request"] == {
        "cpus": 8, "environment": {"C": MASK}, "base_environment": {"D": MASK},
    }  # fmt: skip
    assert detail["attempt"] == detail["attempts"][0]
