"""What pilots and sites say is text, whatever it is; everything can be reached with the keyboard alone."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from playwright.sync_api import Browser, Page, expect

from hosted_ce.health.judge import Health, Reason, Word
from hosted_ce.pilots.pilot import AttemptUpdate, Event, PilotUpdate
from tests.browser.ce import Served
from tests.browser.looking import PAGES, looking
from tests.browser.scene import TROUBLED

EVIL = (
    "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
    "\"><svg/onload=window.hacked=1>'{{7*7}}`${window.hacked=1}`"
    '<hx-partial hx-target="body">x</hx-partial>'
)
CONTROLS = "\x1b[2J\x07\u202e\u2066"
FOCUS = """() => { const at = document.activeElement, style = getComputedStyle(at);
  const name = at.id || at.getAttribute("href") || at.name || at.getAttribute("aria-label") || at.innerText;
  return [at.tagName, name,
    style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2]; }"""


def test_nothing_that_is_said_is_run(browser: Browser, ce: Served) -> None:
    pilot_id = ce.do(ce.scene.arrive(901, note=EVIL, **{EVIL[:60]: EVIL})).id
    ce.do(ce.world.begin(pilot_id, route=EVIL[:60], cluster=EVIL[:60]))
    facts: AttemptUpdate = {"site_state": EVIL, "site_reason": EVIL, "node": EVIL}
    update: PilotUpdate = {"reason": EVIL + CONTROLS}
    ce.do(ce.scene.change(pilot_id, EVIL[:30], update, facts, reason=EVIL, data={EVIL: EVIL}))
    output = (EVIL + CONTROLS).encode() + b"\x00\xff"
    ce.do(ce.world.services.outputs.put(pilot_id, 1, "stdout", output))
    health = Health(Word.POOR, (Reason(Word.POOR, EVIL, EVIL),))
    ce.site = replace(TROUBLED, resource=EVIL, name=EVIL, health=health)
    paths = (
        "/", "/pilots", f"/pilots?reason=hacked&route={EVIL[:60]}", "/site", f"/outputs/{pilot_id}",
        "/routes", "/pilots?q=<script>window.hacked=1</script>", f"/pilots/{pilot_id}",
    )  # fmt: skip
    with looking(browser, ce.address) as page:
        for path in paths:
            with expect_told(page, path):
                page.goto(path)
            assert page.evaluate("window.hacked") is None, path
            assert page.locator("main img, main script, main svg, hx-partial").count() == 0
        ce.do(ce.world.note(pilot_id, Event("noted", EVIL[:60]), EVIL))  # what comes later is text as well
        expect(page.locator(".timeline li")).to_have_count(5)
        assert page.evaluate("window.hacked") is None
        expect(page.locator("h1")).to_contain_text(f"Pilot {pilot_id}")
    ce.site = TROUBLED


def expect_told(page: Page, path: str) -> AbstractContextManager[object]:
    """Waits until scripts have run, where the page has any that follow the CE."""
    still = path.startswith(("/outputs", "/routes"))
    return nullcontext() if still else page.expect_response("**/live?*")


def test_scripts_in_a_page_are_not_run_even_if_one_got_in(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address, quietly=False) as page:
        page.goto("/")
        page.evaluate("""() => { const evil = document.createElement("script");
          evil.textContent = "window.hacked = 1"; document.body.append(evil); }""")
        page.evaluate("""() => {
          document.body.insertAdjacentHTML("beforeend", '<p onclick="window.hacked=1" id=x>x');
          document.getElementById("x").click(); }""")
        assert page.evaluate("window.hacked") is None


def test_the_first_tab_skips_to_the_content(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address) as page:
        page.goto("/pilots")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        page.keyboard.press("/")
        expect(page.locator("#q")).to_be_focused()
        page.keyboard.type("a/b")
        expect(page.locator("#q")).to_have_value("a/b")


def test_the_keyboard_reaches_everything_and_one_sees_where(browser: Browser, ce: Served) -> None:
    with looking(browser, ce.address) as page:
        for name in ("overview", "pilots", "queued", "site", "routes", "outputs"):
            page.goto(PAGES[name])
            wanted = page.evaluate("""() => [...document.querySelectorAll(
              "a[href], button, input, select, textarea, summary, [tabindex='0']")]
              .filter((each) => each.checkVisibility({contentVisibilityAuto: true})).length""")
            seen: list[object] = []
            for _ in range(wanted):
                page.keyboard.press("Tab")
                found = page.evaluate(FOCUS)
                assert found[0] != "BODY", (name, len(seen), wanted)
                assert found[2], f"{name}: one does not see that {found} has the focus"
                seen.append(found)
            assert len(seen) == wanted
