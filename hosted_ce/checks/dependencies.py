"""Which checks say nothing because another one failed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from hosted_ce.checks.catalogue import CATALOGUE
from hosted_ce.checks.kind import CheckKind
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

BECAUSE = "because"
"""The key in the data of a skipped result that names the check which failed."""
Blame = dict[str, dict[str | None, str | None]]
"""By check and place: the check whose failure keeps others from being done; None: it is as it should be."""


def because(check: str, guilty: str, where: str | None = None) -> Result:
    """The result of a check that could not be done, since another one failed."""
    seen = f"not looked at, since {guilty} ({CATALOGUE[guilty].name}) failed"
    return Result(check, Verdict.SKIPPED, seen, where, {BECAUSE: guilty})


def settled(
    results: Iterable[Result], asked: Collection[str] = (), kinds: Mapping[str, CheckKind] = CATALOGUE
) -> tuple[Result, ...]:
    """The results in the catalogue's order; those whose needs failed are skipped, and name the first failure.

    A failure at one place (a login node, a route) skips others at the same place only; one without a place,
    or at all places that there are, skips them everywhere. So each fault has one name in a report. `asked`:
    checks that get a result in any case.
    """
    by_check: dict[str, list[Result]] = {}
    for result in results:
        by_check.setdefault(result.check, []).append(result)
    blame: Blame = {}
    done: list[Result] = []
    for kind in kinds.values():
        nothing = Result(kind.id, Verdict.SKIPPED, "nothing was found out about it")
        judged = [_judged(kind, result, blame) for result in by_check.get(kind.id, [nothing])]
        blame[kind.id] = {result.where: _blamed(result) for result in judged}
        if kind.id in asked or kind.id in by_check:
            done += judged
    return tuple(done)


def _blamed(result: Result) -> str | None:
    own = result.check if result.verdict is Verdict.FAIL else None
    guilty: str | None = result.data.get(BECAUSE, own)
    return guilty


def _judged(kind: CheckKind, result: Result, blame: Blame) -> Result:
    guilty = _guilty(kind, result.where, blame)
    if guilty is None or BECAUSE in result.data:
        return result
    return replace(because(kind.id, guilty), where=result.where)


def _guilty(kind: CheckKind, where: str | None, blame: Blame) -> str | None:
    """The failed check that keeps this one from being done there; None: nothing does."""
    for need in kind.needs:
        places = blame[need]
        if where in places:
            found = places[where]
        elif None in places:
            found = places[None]
        else:  # it is about other things than these places: it can be done if one of them is well
            found = next(iter(places.values()), None) if all(places.values()) else None
        if found:
            return found
    return None
