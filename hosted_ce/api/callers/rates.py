"""Who has to come later: by address before anything is looked at, by token, and who failed to show one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from hosted_ce.api.callers.buckets import Buckets, in_seconds
from hosted_ce.api.problems.kinds import TOO_MANY_REQUESTS
from hosted_ce.api.problems.problem import Problem
from hosted_ce.listening.hosts import host_of

BURST_S = 10
"""As many at once as in so many seconds."""
FAILURES_S, FAILURES = 0.2, 20.0
"""Refused tokens of one address: so many a second in the long run, and so many at once."""
PILOTS = 20
"""So many of one request cost as much as a request."""


class Rates:
    """Its methods raise Problem. `told` hears the reason of each.

    A good token is let in whatever else failed at its address: nobody guesses 256 bits or a signature, and
    others behind the same address are not to be locked out. What failures cost is the next failure. A look at
    a signature costs less than its request, which is counted by address.
    """

    def __init__(
        self, per_address: float = 0.0, per_token: float = 0.0, *,
        told: Callable[[str], None] = lambda reason: None, now: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        self._addresses = Buckets(per_address, per_address * BURST_S)
        self._per_token = per_token
        self._tokens = Buckets(per_token, per_token * BURST_S)
        self._failures = Buckets(FAILURES_S, FAILURES)
        self._told, self._now = told, now

    def came(self, address: str | None) -> None:
        """A request of this address."""
        if who := host_of(address):
            self._refuse("address", self._addresses.take(who, self._now()), "requests come from your address")

    def showed(self, token: str) -> None:
        """A request with this token, named by whose it is, which is good."""
        self._refuse("token", self._tokens.take(token, self._now()), "requests come with this token")

    def brought(self, token: str, pilots: int) -> None:
        """A request with this token, which was counted as one already, is to write so many pilots down.

        None costs more than a full bucket has: with nothing else asked for, it may come.
        """
        cost = max(0.0, min(math.ceil(pilots / PILOTS), self._per_token * BURST_S) - 1)
        if wait := self._tokens.take(token, self._now(), cost):
            again = wait + 1 / self._per_token  # the next try is counted as one first
            self._refuse("token", again, "pilots come with this token")

    def failed(self, address: str | None) -> None:
        """A token of this address was refused."""
        if who := host_of(address):
            self._refuse(
                "failures", self._failures.take(who, self._now()), "tokens of your address were refused"
            )

    def _refuse(self, reason: str, wait: float, what: str) -> None:
        if wait:
            self._told(reason)
            again = in_seconds(wait)
            detail = f"too many {what}; try again in {again} s"
            raise Problem(TOO_MANY_REQUESTS, detail, headers={"Retry-After": again})
