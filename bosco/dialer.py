"""Keeps one link to a site: made when it is needed, made again when it was lost, never hammered."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bosco.errors import HostKeyRefused, LoginRefused, NotRun
from bosco.link import Link

Dial = Callable[[], Awaitable[Link]]
Check = Callable[[Link], Awaitable[None]]
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
REFUSED_PAUSE_S = 900.0
"""After a refused login or host key: sites ban clients that keep trying."""
REFUSALS = (HostKeyRefused, LoginRefused)


class Contact(StrEnum):
    """Whether we are in contact with the site."""

    NOT_YET = "not_yet"
    READY = "ready"
    DOWN = "down"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ContactStatus:
    """Contact, since when (seconds since the epoch), the last error, and what the agent said of itself."""

    contact: Contact
    since: float
    problem: str | None
    facts: dict[str, Any]
    error: str | None = None
    """The class of the last error, by its name in bosco.errors; None also where a link was lost."""


class Dialer:
    """Several ways to the same site (login nodes) in order; the one that worked last is tried first."""

    def __init__(
        self,
        ways: list[Dial],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ):
        self._ways = ways
        self._monotonic, self._wall = monotonic, wall
        self._lock = asyncio.Lock()
        self._link: Link | None = None
        self._failures = 0
        self._not_before = 0.0
        self._problem: NotRun | None = None
        self._status = ContactStatus(Contact.NOT_YET, wall(), None, {})
        self._on_loss: list[Callable[[], None]] = []
        self._check: Check | None = None

    @property
    def status(self) -> ContactStatus:
        """Contact as it is now."""
        return self._status

    def on_loss(self, callback: Callable[[], None]) -> None:
        """Calls back each time a link that worked has ended."""
        self._on_loss.append(callback)

    def check(self, check: Check) -> None:
        """Asks `check` about each new link before it is used; it raises NotRun for one that is not to be."""
        self._check = check

    def retry(self) -> None:
        """Ends the pause after a failure: somebody says that it is mended."""
        self._not_before = 0.0

    async def link(self) -> Link:
        """A live link. Raises NotRun: at once while the pause after a failure lasts."""
        async with self._lock:
            if self._link and self._link.alive:
                return self._link
            if self._problem and self._monotonic() < self._not_before:
                raise self._problem.with_traceback(None)  # else each raising would be kept in it
            return await self._dial()

    async def close(self) -> None:
        """Ends the link. Jobs and commands at the site go on."""
        async with self._lock:
            if self._link:
                await self._link.close()

    async def _dial(self) -> Link:
        problem: NotRun | None = None
        for way in list(self._ways):
            try:
                link = await self._checked(way)
            except NotRun as error:
                # A refusal counts more than a node that is away: its pause is the longer one.
                problem = problem if isinstance(problem, REFUSALS) else error
                self._ways.append(self._ways.pop(0))
            else:
                self._connected(link)
                return link
        if problem is None:
            raise NotRun("the site has no login node")
        self._failed(problem)
        raise problem

    async def _checked(self, way: Dial) -> Link:
        link = await way()
        if self._check:
            try:
                await self._check(link)
            except BaseException:
                await link.close()
                raise
        return link

    def _connected(self, link: Link) -> None:
        self._link, self._failures, self._problem = link, 0, None
        self._status = ContactStatus(Contact.READY, self._wall(), None, link.facts)
        link.on_end(self._lost)

    def _lost(self) -> None:
        self._status = ContactStatus(Contact.DOWN, self._wall(), "the connection was lost", {})
        for callback in self._on_loss:
            callback()

    def _failed(self, problem: NotRun) -> None:
        self._failures += 1
        refused = isinstance(problem, REFUSALS)
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self._failures - 1, 10))
        pause = max(pause, REFUSED_PAUSE_S) if refused else pause
        pause *= random.uniform(0.8, 1.2)  # noqa: S311 - many instances must not come back at once
        self._not_before = self._monotonic() + pause
        self._problem = problem
        contact = Contact.REFUSED if refused else Contact.DOWN
        same = self._status.contact is contact
        since = self._status.since if same else self._wall()
        self._status = ContactStatus(contact, since, str(problem), {}, type(problem).__name__)
