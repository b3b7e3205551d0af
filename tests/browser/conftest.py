"""A CE with some days behind it, and Chromium to look at it with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.ce import Served, served
from tests.browser.history import history
from tests.browser.scene import NOW

CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=20_000)  # a busy machine is no fault of the page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Of a module: what is behind it would be in the way of other modules' event loops."""
    if CHROMIUM is None:
        pytest.skip("needs chromium; tests/install-system-packages.sh installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def ce(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The CE with its pilots."""
    with served(tmp_path_factory.mktemp("ce")) as found:
        found.do(found.scene.play())
        found.do(found.world.services.rollups.add(history(), NOW))
        yield found
