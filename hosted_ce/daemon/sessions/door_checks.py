"""The checks of the factory's door, from within the CE."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from hosted_ce.daemon.sessions.keeper import Started
from hosted_ce.front_door.checks import Finding, Subject, check
from hosted_ce.front_door.errors import FrontDoorError
from hosted_ce.front_door.layout import layout_of
from hosted_ce.session.errors import CannotRun
from hosted_ce.settings import Settings
from hosted_ce.site import SiteFile

ANSWER_S, ALL_S = 10.0, 50.0
"""How long a daemon may take to answer, and all of it."""


class DoorChecks:
    """Looks at the front door of the site file in force."""

    def __init__(self, site: Callable[[], SiteFile], settings: Settings):
        self._site, self._settings = site, settings

    async def __call__(self) -> Started:
        """What they found. Raises CannotRun."""
        site, settings = self._site(), self._settings
        if site.front_door is None:
            raise CannotRun("the site file has no front door")
        config = settings.front_door_config.absolute()
        subject = Subject(site, site.front_door, layout_of(settings.state), config, settings.condor_bin)
        try:
            async with asyncio.timeout(ALL_S):
                found = await asyncio.to_thread(lambda: list(check(subject, timeout_s=ANSWER_S)))
        except TimeoutError as error:
            raise CannotRun(f"the front door's checks took more than {ALL_S:.0f} s") from error
        except FrontDoorError as error:
            return Started(str(error), well=False)
        return told(found)


def told(found: Sequence[Finding]) -> Started:
    """How many passed, and what did not."""
    counts = Counter(each.verdict for each in found)
    numbers = ", ".join(f"{counts[word]} {word}" for word in ("fail", "warn", "pass"))
    bad = "; ".join(f"{each.name}: {each.seen}" for each in found if each.verdict != "pass")
    return Started(f"{numbers}; {bad}" if bad else numbers, counts["fail"] == 0, "/site")
