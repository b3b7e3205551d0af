"""Pictures of all pages, for people to look at: python -m tests.browser.look FOLDER [PAGE ...]"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import structlog
from playwright.sync_api import sync_playwright

from tests.browser.ce import served
from tests.browser.conftest import CHROMIUM
from tests.browser.history import history
from tests.browser.looking import DESKTOP, PAGES, PHONE, looking, settle
from tests.browser.scene import NOW


def main(folder: Path, wanted: list[str]) -> None:
    """Writes NAME-light-desktop.png and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state, served(Path(state)) as ce, sync_playwright() as playwright:
        ce.do(ce.scene.play())
        ce.do(ce.world.services.rollups.add(history(), NOW))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
            for scheme in ("light", "dark"):
                with looking(browser, ce.address, viewport=viewport, color_scheme=scheme) as page:
                    for name in wanted or PAGES:
                        page.goto(PAGES[name])
                        settle(page)
                        page.screenshot(path=folder / f"{name}-{scheme}-{size}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    main(Path(sys.argv[1]), sys.argv[2:])
