"""Browsers sign in and out: the cookie, and what it does not open."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from hosted_ce.access.roles import Role
from hosted_ce.api.app import create_app
from hosted_ce.api.bodies.forms import fields_of, read_form
from hosted_ce.api.callers.access import OperatorForm
from hosted_ce.api.callers.same_origin import from_our_page
from hosted_ce.api.local_path import local_path
from hosted_ce.api.problems.problem import Problem
from tests.api.conftest import client_of
from tests.api.requests import PILOTS, a_pilot
from tests.api.world import START, TOKEN, World

OURS = {"Origin": "http://ce.test"}
PAGE = {"Accept": "text/html"}


@pytest.fixture
async def person(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at a CE whose status is not public."""
    world.services = dataclasses.replace(world.services, public_status=False)
    async with client_of(world) as browser:
        browser.headers.update(PAGE)
        yield browser


async def secret_of(world: World, role: Role = Role.VIEWER, lasting_s: float | None = 3600.0) -> str:
    return (await world.services.tokens.create(f"a {role}", role, lasting_s=lasting_s, by="rest:operator"))[1]


async def enter(browser: httpx.AsyncClient, token: str, to: str = "/site") -> httpx.Response:
    return await browser.post("/enter", data={"token": token, "to": to}, headers=OURS)


async def test_a_person_signs_in_and_goes_on_to_the_page(person: httpx.AsyncClient, world: World) -> None:
    refused = await person.get("/site?refresh=false")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer ")  # no box of the browser's own
    assert 'action="/enter"' in refused.text
    assert 'name="to" value="/site?refresh=false"' in refused.text
    answer = await enter(person, await secret_of(world), "/site?refresh=false")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/site?refresh=false")
    assert (await person.get("/site?refresh=false")).status_code == 200
    assert "a viewer</strong>, a viewer, until 2026-02-02 03:40:00 UTC" in (await person.get("/enter")).text


@pytest.mark.parametrize(
    ("url", "secure", "prefix"),
    [("http://ce.test", False, "hosted-ce-"), ("https://ce.test", True, "__Host-hosted-ce-")],
)
async def test_the_cookie_is_for_this_ce_alone_and_ends_with_the_token(
    person: httpx.AsyncClient, world: World, url: str, secure: bool, prefix: str
) -> None:
    world.services = dataclasses.replace(world.services, public_url=url)
    secret = await secret_of(world)
    world.time += 600
    async with client_of(world) as browser:
        answer = await browser.post("/enter", data={"token": secret}, headers={"Origin": url})
    [morsel] = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert morsel.key.startswith(prefix)
    assert morsel.value == secret
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "strict", "/")
    assert (bool(morsel["secure"]), morsel["domain"], morsel["max-age"]) == (secure, "", "3000")
    assert answer.headers["Location"] == "/"


async def test_a_token_without_an_end_is_kept_for_a_day(person: httpx.AsyncClient, world: World) -> None:
    for secret in (TOKEN, await secret_of(world, lasting_s=None)):
        assert "Max-Age=86400;" in (await enter(person, secret)).headers["Set-Cookie"]


async def test_two_ces_on_one_host_do_not_sign_each_others_people_out(
    person: httpx.AsyncClient, world: World
) -> None:
    secret = await secret_of(world)
    names = set()
    for resource in ("Example-CE1", "Example-CE2"):
        site = dataclasses.replace(world.services.site(), resource=resource)
        world.services = dataclasses.replace(world.services, site=lambda site=site: site)
        async with client_of(world) as browser:
            names |= SimpleCookie((await enter(browser, secret)).headers["Set-Cookie"]).keys()
    assert len(names) == 2


async def test_a_link_that_was_pasted_whole_is_taken(person: httpx.AsyncClient, world: World) -> None:
    secret = await secret_of(world)
    assert (await enter(person, f" https://ce.example.edu/enter?to=/x#{secret}\n")).status_code == 303


async def test_a_link_that_works_once(person: httpx.AsyncClient, world: World) -> None:
    tokens = world.services.tokens
    _, of_link = await tokens.create("Ada", Role.OPERATOR, lasting_s=60, by="rest:operator", once=True)
    early = await person.get(PILOTS, headers={"Authorization": f"Bearer {of_link}"})
    assert early.status_code == 401
    assert "signs one browser in" in early.json()["detail"]
    answer = await enter(person, of_link)
    assert answer.status_code == 303
    assert of_link not in answer.headers["Set-Cookie"]
    assert (await person.get("/site")).status_code == 200
    async with client_of(world) as other:
        refused = await enter(other, of_link)
        assert refused.status_code == 401
        assert "works once, and was used" in refused.json()["detail"]
    assert (await person.get("/site")).status_code == 200
    await tokens.revoke(1, by="rest:operator")
    assert (await person.get("/site")).status_code == 401


async def test_what_is_revoked_or_over_opens_nothing_from_then_on(
    person: httpx.AsyncClient, world: World
) -> None:
    await enter(person, await secret_of(world))
    await world.services.tokens.revoke(1, by="rest:operator")
    refused = await person.get("/site")
    assert refused.status_code == 401
    assert "was revoked" in refused.text
    assert "signed in no more" in (await person.get("/enter")).text
    await enter(person, await secret_of(world))
    world.time = START + 3600
    assert (await person.get("/site")).status_code == 401


async def test_who_may_not_is_told_what_it_needs_and_how_to_get_in(world: World) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(noting(world)), base_url="http://ce.test", headers=PAGE | OURS
    ) as browser:
        await enter(browser, await secret_of(world))
        refused = await browser.post("/note", data={"text": "x"})
    assert refused.status_code == 403
    assert "this needs the role operator; &#39;a viewer&#39; is a viewer" in refused.text
    assert 'action="/enter"' in refused.text
    assert 'name="to" value="/"' in refused.text  # a form's address is no page to go back to


async def test_a_person_signs_out(person: httpx.AsyncClient, world: World) -> None:
    await enter(person, await secret_of(world))
    answer = await person.post("/leave", headers=OURS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/enter")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert (await person.get("/site")).status_code == 401
    assert "Sign out" not in (await person.get("/enter")).text


@pytest.mark.parametrize("token", ["", "wrong", "hce_" + "x" * 43, TOKEN[:-1]])
async def test_a_wrong_token_signs_nobody_in(person: httpx.AsyncClient, world: World, token: str) -> None:
    answer = await enter(person, token)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert 'action="/enter"' in answer.text


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb"])
async def test_nobody_is_sent_elsewhere(person: httpx.AsyncClient, world: World, to: str) -> None:
    assert (await enter(person, await secret_of(world), to)).status_code == 422
    assert (await person.get("/enter", params={"to": to})).status_code == 422


@pytest.mark.parametrize("path", ["/enter", "/leave"])
@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Origin": "http://ce.test.evil.example"},
        {"Sec-Fetch-Site": "cross-site", **OURS}, {"Sec-Fetch-Site": "same-site", **OURS},
        {"Sec-Fetch-Site": "none", **OURS},
    ],
)  # fmt: skip
async def test_no_other_site_signs_anybody_in_or_out(
    person: httpx.AsyncClient, world: World, path: str, headers: dict[str, str]
) -> None:
    with capture_logs() as lines:
        answer = await person.post(path, data={"token": await secret_of(world)}, headers=headers)
    assert answer.status_code == 403
    assert "access denied" in [line["event"] for line in lines]
    assert "Set-Cookie" not in answer.headers


async def test_the_cookie_does_not_open_the_api(person: httpx.AsyncClient, world: World) -> None:
    await enter(person, await secret_of(world, Role.ADMIN))
    before = await world.rows()
    assert (await person.get(PILOTS)).status_code == 401
    assert (await person.post(PILOTS, json=a_pilot(), headers=OURS)).status_code == 401
    assert (await person.post("/api/v1/site/reload", headers=OURS)).status_code == 401
    assert await world.rows() == before


async def test_neither_pages_nor_logs_have_the_token(person: httpx.AsyncClient, world: World) -> None:
    secret = await secret_of(world)
    with capture_logs() as lines:
        answer = await enter(person, secret)
        pages = [await person.get(path) for path in ("/enter", "/site", "/outputs/1")]
        await person.post("/leave", headers=OURS)
    assert secret not in str(lines) + "".join(page.text for page in pages)
    assert secret not in answer.text + answer.headers["Location"]
    assert {line.get("caller") for line in lines if line["path"] == "/enter"} == {"a viewer", None}


def noting(world: World) -> FastAPI:
    """The application with a form that notes who sent what: as a page of a session will have it."""
    app = create_app(world.services)

    @app.post("/note")
    async def note(request: Request, caller: OperatorForm) -> dict[str, str]:
        return {**await read_form(request), "by": caller.actor}

    return app


@pytest.mark.parametrize(
    ("role", "headers", "status"),
    [
        (Role.OPERATOR, OURS, 200), (Role.ADMIN, {"Sec-Fetch-Site": "same-origin"}, 200),
        (Role.VIEWER, OURS, 403), (Role.OPERATOR, {}, 403), (Role.OPERATOR, {"Origin": "null"}, 403),
        (Role.OPERATOR, {"Origin": "https://evil.example"}, 403),
        (Role.OPERATOR, {"Sec-Fetch-Site": "same-site", **OURS}, 403),
    ],
)  # fmt: skip
async def test_a_form_changes_something_for_operators_on_our_own_pages(
    world: World, role: Role, headers: dict[str, str], status: int
) -> None:
    secret = await secret_of(world, role)
    transport = httpx.ASGITransport(noting(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://ce.test") as browser:
        await enter(browser, secret)
        answer = await browser.post("/note", data={"text": "ok"}, headers=headers)
        assert answer.status_code == status
        if status == 200:
            assert answer.json() == {"text": "ok", "by": f"rest:a {role}"}
        program = await browser.post(
            "/note", data={"text": "ok"}, headers={"Authorization": f"Bearer {TOKEN}"}
        )
        assert program.json()["by"] == "rest:operator"
        password = await browser.post("/note", data={"text": "ok"}, auth=("any", TOKEN))
        assert password.status_code == 403  # a browser would send it by itself, too


@given(st.text() | st.from_regex(r"\A[/\\.@:a-z\t]{1,9}\Z"))
def test_a_local_path_leads_to_this_host(text: str) -> None:
    try:
        path = local_path(text)
    except ValueError:
        return
    assert urlsplit(urljoin("https://ce.example.edu/enter", path)).netloc == "ce.example.edu"


HOSTS = st.sampled_from(["ce.example.edu", "ce.example.edu:8443", "evil.example", "localhost:8080", ""])
SCHEMES = st.sampled_from(["https", "http", "chrome-extension", "file", ""])


@given(SCHEMES, HOSTS, HOSTS, st.sampled_from([None, "same-origin", "same-site", "cross-site", "none", "x"]))
def test_a_request_is_ours_only_if_the_browser_says_so(
    scheme: str, origin: str, host: str, site: str | None
) -> None:
    headers = {"origin": f"{scheme}://{origin}", "host": host}
    ours = from_our_page(headers | ({"sec-fetch-site": site} if site else {}), "https://ce.example.edu")
    if site is not None:
        assert ours is (site == "same-origin")
    elif ours:
        assert scheme in ("http", "https")
        assert origin
        assert origin == host or (scheme, origin) == ("https", "ce.example.edu")


@given(st.binary(max_size=200))
def test_a_form_is_read_or_refused(body: bytes) -> None:
    try:
        fields = fields_of(body)
    except Problem:
        return
    assert fields == dict(parse_qsl(body.decode(), keep_blank_values=True))


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=%ff", b"\xff", b"&".join(b"a%d=" % n for n in range(101))])
def test_forms_that_mean_two_things_or_none(body: bytes) -> None:
    with pytest.raises(Problem):
        fields_of(body)
