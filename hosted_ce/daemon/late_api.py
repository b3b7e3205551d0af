"""The whole API, which is imported when somebody asks for it first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import structlog
from starlette.types import ASGIApp

import hosted_ce
from bosco.on_disk import Installed
from hosted_ce.api.problems.kinds import RESTART_NEEDED
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.services import Services
from hosted_ce.api.views import Check

log = structlog.get_logger(__name__)
LIBRARIES = ("fastapi", "jinja2")
"""Those that are not imported before. Of each, its first file tells whether it was replaced."""


class LateApi:
    """Of these services. `loaded` is called when it was imported."""

    def __init__(self, services: Services, loaded: Callable[[], None]):
        self._services, self._loaded = services, loaded
        self._problem: str | None = None
        self._installed = Installed([Path(hosted_ce.__file__).parent, *map(_first_file, LIBRARIES)])

    async def load(self) -> ASGIApp:
        """Imports it, in a thread: it takes a second. Raises Problem when it is another version's."""
        try:
            app = await asyncio.to_thread(self._import)
        except Exception as error:
            self._problem = f"it cannot be loaded: {error}"
            raise
        self._problem = None
        self._loaded()
        return app

    async def readiness(self) -> list[Check]:
        """Every condition of being well; that the API could not be loaded is one. Pilots go on without it."""
        checks = await self._services.readiness()
        if self._problem is None:
            return checks
        return [*checks, Check("API", ok=False, detail=self._problem, essential=False)]

    def _import(self) -> ASGIApp:
        self._check()
        from hosted_ce.api.app import create_app

        self._check()  # they may have been replaced in between
        return create_app(self._services)

    def _check(self) -> None:
        if self._installed.is_replaced():
            log.warning("the API was not loaded: the CE's files were replaced since it started; restart it")
            raise Problem(RESTART_NEEDED, RESTART_NEEDED.example)


def _first_file(library: str) -> Path:
    """Raises ImportError when it is not installed: better now than at the first request."""
    spec = find_spec(library)
    if spec is None or spec.origin is None:
        raise ImportError(f"{library} is not installed; install hosted_ce again", name=library)
    return Path(spec.origin)
