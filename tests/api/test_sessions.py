"""The live session by API: begun once, said and run by operators, read by viewers, kept after its end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from hosted_ce.access.roles import Role
from hosted_ce.api.callers.cookie import name_of
from hosted_ce.daemon.sessions.keeper import Started
from hosted_ce.session.found import ItemState
from hosted_ce.session.item import Act
from tests.api.conftest import client_of
from tests.api.world import START, World
from tests.fakes.site_facts import KEY_MODE, SCRATCH, checked, facts

SESSIONS = "/api/v1/sessions"
CURRENT = f"{SESSIONS}/current"


async def begin(client: httpx.AsyncClient, **headers: str) -> dict[str, Any]:
    answer = await client.post(SESSIONS, json={"partner": "Example University"}, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def say(client: httpx.AsyncClient, **remark: Any) -> httpx.Response:
    return await client.post(f"{CURRENT}/entries", json=remark)


async def board(client: httpx.AsyncClient, which: str = "current") -> dict[str, Any]:
    answer = await client.get(f"{SESSIONS}/{which}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def item_in(found: dict[str, Any], item: str) -> dict[str, Any]:
    items = [each for phase in found["phases"] for each in phase["items"]]
    return next(each for each in items if each["id"] == item)


async def test_a_session_begins_with_nothing_done(client: httpx.AsyncClient, world: World) -> None:
    begun = await begin(client)
    assert (begun["partner"], begun["resource"], begun["ended_at"]) == (
        "Example University",
        "Example-CE1",
        None,
    )
    world.time += 90
    found = await board(client)
    assert (found["elapsed_s"], found["minutes"], found["next"]) == (90, 120, "people")
    assert [phase["begins"] for phase in found["phases"]] == [0, 30, 50, 70, 90, 105]
    assert world.eyes.since == START


async def test_there_is_one_at_a_time(client: httpx.AsyncClient) -> None:
    await begin(client)
    refused = await client.post(SESSIONS, json={"partner": "Other College"})
    assert refused.status_code == 409
    assert "session 1 with Example University is open" in refused.json()["detail"]
    await client.post(f"{CURRENT}/end")
    assert (await begin(client))["id"] == 2
    assert [each["id"] for each in (await client.get(SESSIONS)).json()["sessions"]] == [2, 1]


async def test_what_is_sent_twice_is_done_once(client: httpx.AsyncClient, world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    assert await begin(client, **key) == await begin(client, **key)
    notes = [
        await client.post(f"{CURRENT}/entries", json={"said": "note", "text": "a"}, headers=key) for _ in "ab"
    ]
    assert notes[0].json() == notes[1].json()
    other = await client.post(f"{CURRENT}/entries", json={"said": "note", "text": "b"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "/docs/errors#cannot-say")
    runs = [await client.post(f"{CURRENT}/run?item=route", headers={"Idempotency-Key": "k-2"}) for _ in "ab"]
    assert runs[0].json() == runs[1].json()
    assert len(world.deeds.done) == 1
    assert len((await board(client))["entries"]) == 2


async def test_people_say_what_only_they_see(client: httpx.AsyncClient) -> None:
    await begin(client)
    assert (await say(client, said="tick", item="people", text="Ada, Ben")).status_code == 201
    found = item_in(await board(client), "people")
    assert (found["state"], found["seen"], found["by"]) == ("done", "Ada, Ben", "rest:operator")
    for item in ("hello", "ready"):
        refused = await say(client, said="tick", item=item)
        assert refused.status_code == 409
        assert "done when it is seen" in refused.json()["detail"]


async def test_open_items_come_and_go(client: httpx.AsyncClient, world: World) -> None:
    world.eyes.facts_ = facts(checks=(checked(KEY_MODE),))
    await begin(client)
    await say(client, said="open", item="site-check", owner="Ben", due="2026-02-03")
    number = (await say(client, said="open", text="a quota", owner="Ada")).json()["number"]
    [one, two] = (await board(client))["open_items"]
    assert (one["owner"], one["due"], one["todo"]) == ("Ben", "2026-02-03", KEY_MODE.todo)
    assert (two["what"], two["owner"], two["number"]) == ("a quota", "Ada", number)
    await say(client, said="settle", about=number)
    world.eyes.facts_ = facts()
    assert (await board(client))["open_items"] == []


async def test_the_page_says_what_to_do_with_one_full_stop(client: httpx.AsyncClient, world: World) -> None:
    ends = replace(KEY_MODE, todo="put our line into authorized_keys.")
    world.eyes.facts_ = facts(checks=(checked(ends, SCRATCH),))
    await begin(client)
    page = (await client.get("/session/1")).text
    assert "put our line into authorized_keys.</p>" in page
    assert "put our line into authorized_keys..</p>" not in page


async def test_items_are_run_and_the_next_one_by_itself(client: httpx.AsyncClient, world: World) -> None:
    await begin(client)
    world.eyes.facts_ = facts(checks=(), tests={})
    ran = await client.post(f"{CURRENT}/run")
    assert (ran.json()["item"], ran.json()["said"]) == ("site-check", "run")
    world.deeds.started = Started("no certificate", well=False, link="/site")
    await client.post(f"{CURRENT}/run?item=front-door")
    assert world.deeds.done == [
        (Act.CHECK, "operator", "rest:operator"), (Act.FRONT_DOOR, "operator", "rest:operator")
    ]  # fmt: skip
    found = item_in(await board(client), "front-door")
    assert (found["state"], found["seen"], found["link"]) == ("failed", "no certificate", "/site")
    waits = await client.post(f"{CURRENT}/run?item=stress")
    assert "waits for hello" in waits.json()["detail"]
    world.deeds.refusal = "the front door's checks took more than 50 s"
    refused = await client.post(f"{CURRENT}/run?item=route")
    assert (refused.status_code, refused.json()["detail"]) == (409, world.deeds.refusal)


async def test_what_has_ended_stays_as_it_was(client: httpx.AsyncClient, world: World) -> None:
    world.eyes.facts_ = facts(checks=(checked(KEY_MODE),))
    await begin(client)
    await say(client, said="decision", text="200 at most")
    world.time += 3600
    ended = (await client.post(f"{CURRENT}/end")).json()
    minutes = (await client.get(f"{SESSIONS}/1/minutes")).text
    world.time += 86400
    world.eyes.facts_ = facts()
    assert await board(client, "1") == ended == await board(client, "latest")
    assert (await client.post(f"{SESSIONS}/1/end")).json() == ended
    assert (await client.get(f"{SESSIONS}/1/minutes")).text == minutes
    assert "200 at most" in minutes
    late = await client.post(f"{SESSIONS}/1/entries", json={"said": "note", "text": "late"})
    assert (late.status_code, late.json()["type"]) == (409, "/docs/errors#session-ended")
    assert (await client.post(f"{SESSIONS}/1/run?item=route")).status_code == 409
    assert (await client.get(CURRENT)).status_code == 404


async def test_the_sites_link_reads_and_changes_nothing(client: httpx.AsyncClient, world: World) -> None:
    await begin(client)
    first, link = [(await client.post(f"{CURRENT}/link", params={"for": "8h"})).json() for _ in "ab"]
    assert link["name"] == "session 1: Example University"
    assert link["link"].startswith("http://ce.test/enter?to=/session/1#hce_")
    assert link["page"] == "http://ce.test/session/1"
    [token] = [each for each in world.services.tokens.all() if each.good(world.time)]
    assert (token.role, token.expires_at) == (Role.VIEWER, START + 8 * 3600)
    async with client_of(world) as site:
        old = await site.get(CURRENT, headers={"Authorization": f"Bearer {first['token']}"})
        assert old.status_code == 401
        site.headers["Authorization"] = f"Bearer {link['token']}"
        assert (await site.get(CURRENT)).status_code == 200
        assert (await site.get(f"{CURRENT}/minutes")).status_code == 200
        assert (await say(site, said="note", text="we were here")).status_code == 403
        assert (await site.post(f"{CURRENT}/run")).status_code == 403


async def test_a_link_ends_no_token_of_others(client: httpx.AsyncClient, world: World) -> None:
    tokens = world.services.tokens
    name = "SESSION 1: example university"
    other, _ = await tokens.create(name, Role.OPERATOR, lasting_s=None, by="rest:Ada")
    number_2 = "session 1: Example University (2)"
    same, _ = await tokens.create(number_2, Role.VIEWER, lasting_s=None, by="rest:Ada")
    await begin(client)
    for _ in "ab":
        link = (await client.post(f"{CURRENT}/link")).raise_for_status().json()
        assert link["name"] == "session 1: Example University (3)"
    good = [token for token in tokens.all() if token.good(world.time)]
    assert [token.id for token in good[:2]] == [other.id, same.id]
    assert [token.created_by for token in good[2:]] == ["session 1:operator"]


@pytest.mark.parametrize("lasting", ["0s", "15d"])
async def test_a_link_has_an_end_and_not_a_late_one(client: httpx.AsyncClient, lasting: str) -> None:
    await begin(client)
    assert (await client.post(f"{CURRENT}/link", params={"for": lasting})).status_code == 422


@pytest.mark.parametrize(
    ("remark", "path"),
    [
        ({"said": "sung"}, "said"), ({"said": "run", "item": "hello"}, "said"), ({}, "said"),
        ({"said": "note", "text": "  "}, "text"), ({"said": "note", "text": "x" * 2001}, "text"),
        ({"said": "tick", "item": "nothing"}, "item"), ({"said": "open", "text": "a", "due": "soon"}, "due"),
        ({"said": "open", "text": "a", "due": "20261201"}, "due"),
        ({"said": "open", "text": "a", "owner": "a\nb"}, "owner"), ({"said": "settle", "about": 0}, "about"),
        ({"said": "note", "text": "a", "more": 1}, "more"),
    ],
)  # fmt: skip
async def test_bad_remarks_are_told(client: httpx.AsyncClient, remark: dict[str, Any], path: str) -> None:
    await begin(client)
    answer = await say(client, **remark)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert (await board(client))["entries"] == []


@pytest.mark.parametrize("due", ["soon", "tomorrow", "20261201", "2026-13-01"])
async def test_a_date_that_is_none_says_how_to_write_it(client: httpx.AsyncClient, due: str) -> None:
    await begin(client)
    answer = await say(client, said="open", text="a", due=due)
    assert [error["message"] for error in answer.json()["errors"]] == ["is no date: write it as 2026-12-01"]


async def test_what_is_not_there_is_told(client: httpx.AsyncClient) -> None:
    for path in (CURRENT, f"{SESSIONS}/latest", f"{SESSIONS}/7"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/docs/errors#no-such-session")
    assert (await client.get(f"{SESSIONS}/first")).status_code == 422


async def test_secrets_in_notes_are_not_kept(client: httpx.AsyncClient) -> None:
    await begin(client)
    await say(client, said="note", text="the password: hunter2-hunter2")
    [entry] = (await board(client))["entries"]
    assert "hunter2" not in entry["text"]


async def test_it_says_as_well_what_was_seen_without_a_word(client: httpx.AsyncClient, world: World) -> None:
    world.eyes.facts_ = facts()
    await begin(client)
    found = await board(client)
    assert item_in(found, "first-worked")["state"] == ItemState.DONE
    assert found["checks"][0]["counts"]["warn"] == 1
    assert [pilot["id"] for pilot in found["tests"]] == [5, 4]
    assert found["ramps"][0]["cap"] == 4


@pytest.mark.parametrize("path", ["/session/begin", "/session/1/say", "/session/1/run", "/session/1/end"])
async def test_forms_are_taken_from_our_own_pages_and_from_operators(
    client: httpx.AsyncClient, world: World, path: str
) -> None:
    await begin(client)
    secrets = {
        role: (await world.services.tokens.create(f"a {role}", role, lasting_s=600, by="rest:operator"))[1]
        for role in (Role.VIEWER, Role.OPERATOR)
    }
    form = {"said": "note", "text": "from elsewhere", "partner": "Other", "item": "route", "key": "k"}
    before = await board(client)
    async with client_of(world) as browser:
        ours, elsewhere = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}
        cookie = {role: {"Cookie": f"{name_of(world.services)}={secret}"} for role, secret in secrets.items()}
        for headers in (cookie[Role.OPERATOR] | elsewhere, cookie[Role.OPERATOR], cookie[Role.VIEWER] | ours):
            refused = await browser.post(path, data=form, headers=headers)
            assert refused.status_code == 403, refused.text
        assert (await browser.post(path, data=form, headers=ours)).status_code == 401
    assert await board(client) == before


async def test_a_form_leads_back_to_where_it_was(client: httpx.AsyncClient) -> None:
    await begin(client)
    form = {"said": "tick", "item": "people", "text": "Ada", "owner": "", "due": "", "key": "k"}
    answer = await client.post("/session/1/say", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/session/1#item-people")
    wrong = await client.post("/session/1/say", data={"said": "settle", "about": "many"})
    assert wrong.status_code == 422
    assert (await client.post("/session/1/run", data={"item": "stress"})).status_code == 409
    assert (await client.post("/session/begin", data={"partner": ""})).status_code == 422
    long = await client.post("/session/1/say", data={"said": "note", "text": "a", "key": "k" * 201})
    assert long.status_code == 422


async def test_minutes_in_their_forms(client: httpx.AsyncClient) -> None:
    await begin(client)
    await say(client, said="decision", text="<b>200</b> at most")
    for form, media in (("markdown", "text/markdown"), ("html", "text/html"), ("text", "text/plain")):
        answer = await client.get(f"{CURRENT}/minutes", params={"format": form})
        kept = await client.get("/session/1/minutes", params={"format": form})
        assert answer.headers["Content-Type"].startswith(media)
        assert kept.content == answer.content
        assert kept.headers["Content-Disposition"].startswith('attachment; filename="session-1-minutes.')
    shown = (await client.get("/session/1/minutes")).text
    assert "&lt;b&gt;200&lt;/b&gt; at most" in shown
    assert (await client.get(f"{CURRENT}/minutes?format=pdf")).status_code == 422
