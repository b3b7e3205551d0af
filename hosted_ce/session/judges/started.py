"""What has its result at once when an operator starts it."""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.session.facts import Facts
from hosted_ce.session.found import Found, ItemState, not_yet


def front_door(facts: Facts) -> Found:
    """The factory's door passed its checks; a site without one does not need them."""
    if facts.door is None:
        return Found(ItemState.SKIPPED, "the site file has no front door: pilots come by REST")
    return result_of("front-door")(facts)


def result_of(act: str) -> Callable[[Facts], Found]:
    """What the newest one came to."""

    def judge(facts: Facts) -> Found:
        ran = facts.ran.get(act)
        if ran is None:
            return not_yet()
        return Found(ItemState.DONE if ran.well else ItemState.FAILED, ran.seen, ran.at, ran.link)

    return judge
