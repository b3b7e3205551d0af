"""The page of the live session: both sides see the same, operators write, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from hosted_ce.access.roles import Role
from hosted_ce.api.schemas.tokens import link_of
from hosted_ce.session.item import Act
from hosted_ce.session.log import Said
from hosted_ce.session.remark import Remark
from tests.browser.ce import Served, served
from tests.browser.looking import PHONE, looking
from tests.browser.test_browser_looks import AXE, AXE_OF_LOOKS
from tests.fakes.site_facts import BEGAN, KEY_MODE, MINUTE, SCRATCH, checked, facts, waiting

ADA = "rest:Ada Lovelace"


@pytest.fixture
def ce(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A CE in whose session a check failed and a pilot waits."""
    with served(tmp_path_factory.mktemp("session")) as found:
        world = found.world
        world.time = BEGAN
        sessions = world.services.sessions
        found.do(sessions.begin("Example University", actor=ADA, key=None))
        world.time = BEGAN + 45 * MINUTE
        world.eyes.facts_ = facts(checks=(checked(KEY_MODE, SCRATCH),), pilots=(waiting(),), ramps=())
        for remark in (
            Remark(Said.NOTE, "scratch is local, see `df`"),
            Remark(Said.OPEN, "a quota", owner="Ben", due="2026-02-09"),
        ):
            found.do(sessions.say(remark, actor=ADA))
        yield found


def signed_in(page: Page, ce: Served, role: Role) -> None:
    """As who opened a link."""
    tokens = ce.world.services.tokens
    _, secret = ce.do(tokens.create(f"a {role}", role, lasting_s=3600, by=ADA))
    page.goto(link_of(ce.address, secret, "/session"))
    page.wait_for_url("**/session")


def test_it_is_accessible_and_fits(browser: Browser, ce: Served) -> None:
    for options, rules in (({}, AXE), ({"viewport": PHONE, "color_scheme": "dark"}, AXE_OF_LOOKS)):
        with looking(browser, ce.address, **options) as page:
            for path in ("/session", "/session/1/minutes"):
                page.goto(path)
                found = Axe().run(page, options=rules).response["violations"]
                assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
                wide, seen = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
                assert wide <= seen, "the page scrolls sideways"


def test_a_viewer_sees_all_and_can_write_nothing(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address, extra_http_headers={}) as page:
        signed_in(page, ce, Role.VIEWER)
        expect(page.get_by_role("status").first).to_have_text("45 min")
        expect(page.locator("#item-site-check")).to_contain_text(KEY_MODE.todo)
        expect(page.locator("#item-people .badge").nth(1)).to_have_text("now")
        expect(page.locator(".beside .reasons")).to_contain_text("a quota")
        assert page.locator("main form").count() == 0
        page.get_by_role("link", name="Minutes", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("with Example University")


def test_what_is_said_elsewhere_is_here_at_once(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address) as page:
        with page.expect_response("**/session/live"):
            page.goto("/session")
        page.evaluate("window.same = true")
        page.locator("#text").fill("half a sen")
        ce.do(ce.world.services.sessions.say(Remark(Said.DECISION, "200 at most"), actor=ADA))
        expect(page.locator(".beside")).to_contain_text("200 at most")
        ce.world.eyes.facts_ = facts()
        ce.world.services.bell.check()
        expect(page.locator("#item-ready .badge").first).to_have_text("done")
        assert page.evaluate("window.same"), "nothing was reloaded"
        assert page.locator("#text").input_value() == "half a sen", "what is being written stays"


@pytest.mark.parametrize("scripts", [True, False])
def test_an_operator_ticks_runs_writes_and_ends(browser: Browser, ce: Served, scripts: bool) -> None:
    with looking(browser, ce.address, java_script_enabled=scripts) as page:
        page.goto("/session")
        page.get_by_label("Remark: Who is here").fill("Ada, Ben")
        page.get_by_role("button", name="Done: Who is here").click()
        expect(page.locator("#item-people")).to_contain_text("Ada, Ben")
        assert page.url.endswith("/session/1#item-people")
        page.get_by_role("button", name="Run again: The checks").click()
        expect(page.locator("#item-people")).to_be_visible()
        assert ce.world.deeds.done == [(Act.CHECK, "operator", "rest:operator")]
        page.locator("#skip-firewall summary").click()
        page.get_by_label("Why skip: Changes").fill("none needed")
        page.get_by_role("button", name="Skip it").first.click()
        expect(page.locator("#item-firewall .badge").first).to_have_text("skipped")
        page.get_by_role("textbox", name="What").fill("a room & <b>a date</b>")
        page.get_by_label("an open item").check()
        page.get_by_role("textbox", name="Who does it").fill("Ada")
        page.get_by_role("button", name="Write it down").click()
        expect(page.locator(".beside .reasons")).to_contain_text("a room & <b>a date</b>")
        page.get_by_role("button", name="Settled: a quota").click()
        expect(page.locator(".beside .reasons")).not_to_contain_text("a quota")
        page.get_by_role("button", name="End the session").click()
        expect(page.locator(".verdict")).to_contain_text("this is how it stood then")
        assert page.locator("main form").count() == 0
        page.goto("/session")
        expect(page.get_by_text("None is open.")).to_be_visible()
        page.get_by_label("With whom").fill("Other College")
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("with Other College")


def test_what_cannot_be_said_is_told_on_a_page(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address) as page:
        page.goto("/session/7")
        expect(page.get_by_text("there is no session 7")).to_be_visible()
