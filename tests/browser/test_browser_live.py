"""What happens at the CE is on the page at once, without a reload, without a jump."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from hosted_ce.pilots.pilot import PilotUpdate
from hosted_ce.pilots.states import Stage, State
from tests.browser.ce import Served
from tests.browser.looking import looking
from tests.browser.scene import NOW, TROUBLED, WELL

SHIFTS = """() => { window.shifts = 0; window.same = true; new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.shifts += each.value; }).observe({type: "layout-shift"}); }"""
CHANGED = "() => document.getElementById('stream').dispatchEvent(new Event('changed'))"
MOST_SHIFT = 0.01
"""A tenth of what is called good."""


@pytest.fixture
def page(browser: Browser, ce: Served) -> Iterator[Page]:
    with looking(browser, ce.address) as page:
        yield page


def settled_stream(page: Page, path: str) -> None:
    """The page, when it is told of changes."""
    with page.expect_response("**/live?*"):
        page.goto(path)
    page.evaluate(SHIFTS)


def test_numbers_change_on_the_overview_without_a_jump(page: Page, ce: Served) -> None:
    settled_stream(page, "/")
    tile = page.locator(".tiles .running strong")
    before = int(tile.inner_text())
    page.locator("#range-24h").focus()
    ce.do(ce.world.run(10))
    expect(tile).to_have_text(str(before + 1))
    assert page.evaluate("window.same"), "nothing was reloaded"
    assert page.evaluate("window.shifts") < MOST_SHIFT
    expect(page.locator("#range-24h")).to_be_focused()
    expect(page.locator("canvas")).to_have_count(4)


def test_the_health_changes_by_itself_and_is_told_politely(page: Page, ce: Served) -> None:
    settled_stream(page, "/site")
    expect(page.locator(".verdict [role=status]")).to_contain_text("Poor")
    ce.site = WELL
    page.evaluate(CHANGED)
    expect(page.locator(".verdict [role=status]")).to_contain_text("Good")
    expect(page.get_by_text("Nothing to do.")).to_be_visible()
    ce.site = TROUBLED


def test_a_pilots_way_grows_as_it_goes_it(page: Page, ce: Served) -> None:
    settled_stream(page, "/pilots/20")
    expect(page.locator(".timeline li")).to_have_count(2)
    page.locator("summary", has_text="6 of them").click()
    ce.do(ce.scene.queued(20))
    expect(page.locator(".timeline li")).to_have_count(5)
    expect(page.locator(".names")).to_contain_text("hstamp000000020")
    expect(page.locator(".answer")).to_contain_text("batch job 1020")
    assert page.evaluate("window.same")
    expect(page.locator("details", has_text="6 of them")).not_to_have_attribute("open", "")


def test_a_list_follows_and_keeps_what_was_asked(page: Page, ce: Served) -> None:
    settled_stream(page, "/pilots?state=held")
    page.locator("summary", has_text="More").click()
    rows = page.locator("tbody tr")
    before = rows.count()
    ce.do(ce.world.services.door.hold(30, actor="rest:operator", reason="maintenance"))
    expect(rows).to_have_count(before + 1)
    expect(page.locator("#p30")).to_contain_text("maintenance")
    expect(page.locator("details", has_text="More")).to_have_attribute("open", "")
    assert page.evaluate("window.same")


def test_a_search_narrows_as_one_types(page: Page) -> None:
    settled_stream(page, "/pilots")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("1012")
    expect(page.locator("tbody th")).to_have_text(["12"])
    page.wait_for_url("**/pilots?q=1012")
    expect(page.locator("#q")).to_be_focused()
    page.locator("#q").fill("")
    page.get_by_role("checkbox", name="lost").check()
    page.wait_for_url("**/pilots?state=lost")
    paused = page.get_by_role("link", name="pause")
    expect(paused).to_have_attribute("href", "/pilots?state=lost&refresh=false")
    expect(page.locator("tbody .badge")).to_have_text(["lost"])
    page.locator("summary", has_text="More").click()
    page.get_by_label("Came within").fill("soon")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("This cannot be looked for")).to_be_visible()
    assert page.evaluate("window.same")
    page.go_back()
    expect(page.get_by_role("checkbox", name="lost")).to_be_checked()


def test_a_page_without_an_answer_says_so(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address, quietly=False) as page:
        settled_stream(page, "/")
        page.context.set_offline(True)
        page.evaluate(CHANGED)
        expect(page.locator("#stale")).to_contain_text("The CE does not answer.")
        page.context.set_offline(False)
        page.evaluate(CHANGED)
        expect(page.locator("#stale")).to_be_empty()


def test_a_page_that_finds_no_room_among_those_that_are_told_looks_by_itself(
    browser: Browser, ce: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hosted_ce.api.streams.bell.Bell.full", lambda self, room: True)
    with looking(browser, ce.address, quietly=False) as page:
        page.clock.install()
        with page.expect_response(lambda answer: "/live" in answer.url and answer.status == 503):
            page.goto("/")
        before = int(page.locator(".tiles .held strong").inner_text())
        ce.do(ce.world.services.door.hold(40, actor="rest:operator", reason="maintenance"))
        page.clock.run_for(16_000)
        expect(page.locator(".tiles .held strong")).to_have_text(str(before + 1))


def test_a_slow_connection_does_not_leave_a_page_untold(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/hx-sse.min.js*", hold)
    page.goto("/", wait_until="commit")
    page.wait_for_function("() => window.htmx && document.readyState === 'interactive'")
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    with page.expect_response("**/live?*"):
        held[0].continue_()


def test_a_paused_page_stays_as_it_is(page: Page, ce: Served) -> None:
    page.goto("/")
    page.get_by_role("link", name="pause").click()
    page.wait_for_url("**/?refresh=false")
    assert page.locator("[hx-get='/'], #stream").count() == 0
    expect(page.get_by_role("link", name="go on")).to_be_visible()


def test_a_pilot_that_is_over_is_followed_no_more(page: Page, ce: Served) -> None:
    settled_stream(page, "/pilots/13")
    expect(page.locator("h1")).to_contain_text("running")
    update: PilotUpdate = {"state": State.REMOVED, "stage": Stage.DONE, "finished_at": NOW}
    ce.do(ce.scene.change(13, "removed", update, actor="factory"))
    expect(page.locator("h1")).to_contain_text("removed")
    expect(page.locator("#stream, #live[hx-get]")).to_have_count(0)
    expect(page.get_by_role("link", name="pause")).to_have_count(0)
    assert page.evaluate("window.same")
