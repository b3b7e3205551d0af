"""How the tests' browser looks at pages, and what it must never see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.api.world import TOKEN

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = {
    "overview": "/", "tables": "/charts?range=7d", "pilots": "/pilots",
    "search": "/pilots?q=priority&state=idle", "refused": "/pilots?older_than=soon", "waits": "/pilots/10",
    "queued": "/pilots/12", "held": "/pilots/9", "completed": "/pilots/6", "outputs": "/outputs/6",
    "site": "/site", "ramp": "/ramp", "routes": "/routes?attributes=RequestCpus+%3D+8",
    "contributions": "/contributions", "verification": "/verification?since=30d",
    "checks": "/site/checks", "check run": "/site/checks/1",
    "errors": "/docs/errors", "missing": "/nothing",
    "enter": "/enter?to=/site",
}  # fmt: skip
REFUSED = {"refused", "missing"}
"""Pages with a status that browsers note."""


@contextmanager
def looking(browser: Browser, address: str, *, quietly: bool = True, **options: Any) -> Iterator[Page]:
    """A page of a context of its own; fails at the end if a script failed or the policy was broken.

    With `quietly=False` what the browser says is not minded.
    """
    headers = {"Authorization": f"Bearer {TOKEN}"}
    options = {"viewport": DESKTOP, "extra_http_headers": headers, "base_url": address, **options}
    context = browser.new_context(**options)
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        refused = "the server responded with a status of 4" in message.text
        refused = "the server responded with a status of 4" in message.text
        if message.type in ("error", "warning") and not refused:
            said.append(message.text)

    try:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", heard)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"a dialog: {dialog.message}"))
        yield page
        assert said == [] or not quietly
    finally:
        context.close()


def settle(page: Page) -> None:
    """Waits until all charts are drawn."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-chart]')].every((each) => each.dataset.drawn)"
    )
