"""Every page in Chromium: accessible, as wide as the window, light and dark, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.ce import Served, served
from tests.browser.looking import DESKTOP, PAGES, PHONE, REFUSED, looking, settle

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
AXE_OF_LOOKS = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "meta-viewport"]}}
"""What may differ with colours and width."""


@pytest.fixture(scope="module")
def desktop(browser: Browser, ce: Served) -> Iterator[Page]:
    """A light desktop."""
    with looking(
        browser, ce.address, viewport=DESKTOP, color_scheme="light", reduced_motion="reduce"
    ) as page:
        yield page


@pytest.fixture(scope="module")
def phone(browser: Browser, ce: Served) -> Iterator[Page]:
    """A dark phone."""
    with looking(browser, ce.address, viewport=PHONE, color_scheme="dark", has_touch=True) as page:
        yield page


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_accessible_and_fits(desktop: Page, phone: Page, name: str) -> None:
    for page, rules in ((desktop, AXE), (phone, AXE_OF_LOOKS)):
        answer = page.goto(PAGES[name])
        assert answer
        assert answer.ok is (name not in REFUSED)
        settle(page)
        found = Axe().run(page, options=rules).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        wide, seen = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= seen, "the page scrolls sideways"


def test_the_long_page_of_the_api_has_an_order(desktop: Page) -> None:
    desktop.goto("/docs")
    rules = {"type": "rule", "values": ["heading-order", "landmark-unique", "region", "duplicate-id-aria"]}
    found = Axe().run(desktop, options={"runOnly": rules}).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_everything_can_be_read_without_scripts(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address, java_script_enabled=False) as page:
        for path in PAGES.values():
            page.goto(path)
            expect(page.locator("h1")).to_be_visible()
        page.goto("/?range=7d")
        assert page.locator("noscript").count() == 1
        expect(page.locator(".charts")).to_be_hidden()
        page.get_by_role("link", name="as tables").click()
        expect(page.get_by_role("columnheader", name="running")).to_be_visible()
        expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")


def test_the_search_works_without_scripts(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_role("searchbox").fill("1012")
        page.get_by_role("searchbox").press("Enter")
        expect(page.locator("tbody th")).to_have_text(["12"])
        page.get_by_role("searchbox").fill("")
        page.get_by_role("checkbox", name="held").check()
        page.get_by_role("button", name="Find").click()
        expect(page.locator("tbody .badge")).to_have_text(["held", "held"])
        page.goto("/pilots")
        page.get_by_role("link", name="Older ones").click()
        expect(page.locator("tbody tr")).to_have_count(20)


def test_a_chart_of_nothing_says_so(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as empty, looking(browser, empty.address) as page:
        page.goto("/")
        settle(page)
        expect(page.get_by_text("Nothing is on record yet: a number comes every 5 min.")).to_have_count(3)
        expect(page.get_by_text("Nothing is on record yet: a number comes every 60 min.")).to_have_count(1)
        expect(page.get_by_text("No pilots yet.")).to_be_visible()
        page.goto("/site")
        expect(page.get_by_text("None waits in a queue.")).to_be_visible()


def test_charts_are_drawn_with_gaps_and_the_newest_numbers(desktop: Page) -> None:
    desktop.goto("/")
    settle(desktop)
    expect(desktop.locator("canvas")).to_have_count(4)
    expect(desktop.locator(".u-legend").first).to_contain_text("running")
    expect(desktop.locator(".u-legend .u-value").first).to_contain_text("3 Feb 08:30")
    desktop.get_by_role("link", name="7 days").click()
    desktop.wait_for_url("**/?range=7d")
    settle(desktop)
    expect(desktop.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    expect(desktop.locator("canvas")).to_have_count(4)
    expect(desktop.get_by_role("link", name="7 days")).to_be_focused()
