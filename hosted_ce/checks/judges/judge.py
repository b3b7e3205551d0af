"""All results about a login node, its batch system and the routes there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from hosted_ce.checks.catalogue import CATALOGUE, Family, Where
from hosted_ce.checks.dependencies import settled
from hosted_ce.checks.judges.approach import approach_results
from hosted_ce.checks.judges.batch import batch_results
from hosted_ce.checks.judges.facts import Facts
from hosted_ce.checks.judges.login import login_results
from hosted_ce.checks.judges.routes import route_results
from hosted_ce.checks.result import Result


def asked(*, local: bool) -> tuple[str, ...]:
    """The checks that get a result in any case, where nothing is asked of worker nodes."""
    return tuple(
        kind.id
        for kind in CATALOGUE.values()
        if kind.where is not Where.WORKER_NODE and not (local and kind.family is Family.SSH)
    )


def judged(facts: Facts) -> Iterable[Result]:
    """What these facts say, before the rule of dependencies."""
    ways = chain.from_iterable(map(approach_results, facts.approaches))
    return chain(ways, login_results(facts), batch_results(facts), route_results(facts))


def so_far(facts: Facts, more: Sequence[Result] = ()) -> tuple[Result, ...]:
    """What is known in the middle of a run: nothing is said of what is still to come."""
    return settled(chain(judged(facts), more))


def login_report(facts: Facts, *, local: bool, more: Sequence[Result] = ()) -> tuple[Result, ...]:
    """Every check of the login node and the batch system, and `more`: results of worker nodes."""
    return settled(chain(judged(facts), more), asked(local=local))
