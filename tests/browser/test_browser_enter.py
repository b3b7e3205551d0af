"""A link signs a browser in; what it leaves there, and what another site's page can do with that: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from hosted_ce.access.roles import Role
from hosted_ce.api.schemas.tokens import link_of
from tests.browser.ce import Served
from tests.browser.looking import looking

PAGE = "/outputs/6"


@pytest.fixture
def stranger(browser: Browser, ce: Served) -> Iterator[Page]:
    """A browser that nobody has signed in."""
    with looking(browser, ce.address, extra_http_headers={}) as page:
        yield page


@pytest.fixture
def secret(ce: Served) -> Iterator[str]:
    """A viewer's token."""
    tokens = ce.world.services.tokens
    token, secret = ce.do(tokens.create("Example University", Role.VIEWER, lasting_s=600, by="rest:operator"))
    yield secret
    ce.do(tokens.revoke(token.id, by="rest:operator"))


def link(ce: Served, secret: str, to: str = PAGE) -> str:
    return link_of(ce.address, secret, to)


def test_a_link_leads_to_its_page_and_leaves_no_trace_of_the_token(
    stranger: Page, ce: Served, secret: str
) -> None:
    asked: list[Request] = []

    def heard(request: Request) -> None:
        asked.append(request)

    stranger.on("request", heard)
    stranger.goto(link(ce, secret))
    stranger.wait_for_url(f"**{PAGE}")
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("6")
    assert [request.method for request in asked if request.url.endswith("/enter")] == ["POST"]
    for request in asked:
        assert secret not in request.url
        assert secret not in request.headers.get("referer", "")
    stranger.go_back()
    assert secret not in stranger.url
    stranger.goto("/enter")
    expect(stranger.get_by_role("heading", name="You are signed in")).to_be_visible()
    assert stranger.evaluate("document.cookie") == ""  # no script gets at it
    [kept] = stranger.context.cookies()
    assert (kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, "Strict", "/")


def test_a_link_that_is_opened_where_the_form_is_already(stranger: Page, ce: Served, secret: str) -> None:
    stranger.goto(f"{ce.address}/enter?to={PAGE}")
    stranger.evaluate("hash => { location.hash = hash }", secret)
    stranger.wait_for_url(f"**{PAGE}")


def test_what_is_revoked_shows_how_to_get_in_again(stranger: Page, ce: Served, secret: str) -> None:
    stranger.goto(link(ce, secret))
    stranger.wait_for_url(f"**{PAGE}")
    tokens = ce.world.services.tokens
    found = tokens.find(secret)
    assert found
    ce.do(tokens.revoke(found.id, by="rest:operator"))
    answer = stranger.reload()
    assert answer
    assert answer.status == 401
    expect(stranger.locator("main")).to_contain_text("was revoked")
    new, again = ce.do(tokens.create("Again", Role.VIEWER, lasting_s=600, by="rest:operator"))
    stranger.get_by_label("Token").fill(again)
    stranger.get_by_role("button", name="Sign in").click()
    stranger.wait_for_url(f"**{PAGE}")
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("6")
    ce.do(tokens.revoke(new.id, by="rest:operator"))


def test_who_signs_out_is_out(stranger: Page, ce: Served, secret: str) -> None:
    stranger.goto(link(ce, secret))
    stranger.wait_for_url(f"**{PAGE}")
    stranger.get_by_role("link", name="Sign in or out").click()
    expect(stranger.locator("main")).to_contain_text("Example University, a viewer, until")
    stranger.get_by_role("button", name="Sign out").click()
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    assert stranger.context.cookies() == []
    answer = stranger.goto(PAGE)
    assert answer
    assert answer.status == 401


def test_without_scripts_the_link_can_be_pasted(browser: Browser, ce: Served, secret: str) -> None:
    with looking(browser, ce.address, extra_http_headers={}, java_script_enabled=False) as page:
        page.goto(PAGE)
        page.get_by_label("Token").fill(link(ce, secret))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**{PAGE}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("6")


def test_another_sites_page_changes_nothing_with_the_cookie(stranger: Page, ce: Served, secret: str) -> None:
    stranger.goto(link(ce, secret))
    stranger.wait_for_url(f"**{PAGE}")
    with another_site(ce.address) as evil:
        stranger.goto(evil)
        with stranger.expect_navigation():
            stranger.get_by_role("button", name="leave").click()
        expect(stranger.locator("main")).to_contain_text("this CE's own pages alone")
        stranger.goto(evil)
        with stranger.expect_navigation():
            stranger.get_by_role("link", name="look").click()
        expect(stranger.locator("main")).to_contain_text("open this page again")
        stranger.get_by_role("link", name="open this page again").click()
        expect(stranger.get_by_role("heading", level=1)).to_contain_text("6")  # it is signed in still


@contextmanager
def another_site(address: str) -> Iterator[str]:
    """A page of a host with another name than the CE's, with a form that signs people out of the CE."""
    text = (
        f'<form method="post" action="{address}/leave"><button>leave</button></form>'
        f'<a href="{address}{PAGE}">look</a>'
    ).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
