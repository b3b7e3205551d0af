"""Whether the site is ready."""

from __future__ import annotations

from hosted_ce.session.facts import CheckRun, Facts
from hosted_ce.session.found import Found, ItemState, not_yet
from hosted_ce.session.judges.words import several

SITE, CHECKS = "/site", "/site/checks"


def site_file(facts: Facts) -> Found:
    """The site file is in force as it stands there."""
    if facts.file_problem:
        return Found(ItemState.FAILED, f"not in force: {facts.file_problem}", link=SITE)
    return Found(ItemState.DONE, "in force as it is", facts.file_since, SITE)


def contact(facts: Facts) -> Found:
    """Every cluster is in contact and takes jobs.

    A CE that was restarted asks nothing before it has to: then what was found in the session counts.
    """
    if not facts.places:
        return Found(ItemState.FAILED, "the site file has no clusters", link=SITE)
    shut = [place for place in facts.places if place.problem]
    if shut:
        seen = "; ".join(f"{place.name}: {place.problem}" for place in shut)
        tried, ran = any(place.known for place in shut), facts.ran.get("contact")
        if ran and ran.well and not tried:
            return Found(ItemState.DONE, ran.seen, ran.at, ran.link)
        return Found(ItemState.FAILED if tried else ItemState.OPEN, seen, link=SITE)
    names = ", ".join(place.name for place in facts.places)
    since = max((place.since for place in facts.places if place.since is not None), default=None)
    return Found(ItemState.DONE, f"in contact with {names}, and jobs can be submitted", since, SITE)


def checked(facts: Facts) -> Found:
    """All checks were run in this session, and none failed."""
    if not facts.checks:
        return not_yet()
    if going := [run for run in facts.checks if run.ended_at is None and not run.broke]:
        return _going(going)
    link = f"{CHECKS}/{facts.checks[0].id}"
    if broken := [run for run in facts.checks if run.broke]:
        seen = "; ".join(f"{run.cluster}: {run.broke}" for run in broken)
        return Found(ItemState.FAILED, seen, link=link, todo="run the checks again")
    faults = tuple(fault for run in facts.checks for fault in run.faults)
    failed = any(fault.severe for fault in faults)
    since = max(run.ended_at or run.begun_at for run in facts.checks)
    if not failed and (
        left := {place.name for place in facts.places} - {run.cluster for run in facts.checks}
    ):
        return Found(ItemState.OPEN, f"not run yet at {', '.join(sorted(left))}", since, link)
    return Found(
        ItemState.FAILED if failed else ItemState.DONE, counted(facts.checks), since, link, faults=faults
    )


def ready(facts: Facts) -> Found:
    """In contact, and no check failed: both are seen."""
    for found in (site_file(facts), contact(facts), checked(facts)):
        if found.state is not ItemState.DONE:
            return not_yet(found.seen)
    return Found(ItemState.DONE, "in contact, and no check failed", checked(facts).since, SITE)


def counted(runs: tuple[CheckRun, ...]) -> str:
    """`2 fail, 1 warn, 38 pass, 0 skipped` of all of them."""
    words = ("fail", "warn", "pass", "skipped")
    told = ", ".join(f"{sum(run.counts.get(word, 0) for run in runs)} {word}" for word in words)
    old = sum(run.unlooked for run in runs)
    return told + (f"; {old} found before and not looked at again" if old else "")


def _going(runs: list[CheckRun]) -> Found:
    said = "; ".join(f"{run.cluster}: {run.progress or 'begun'}" for run in runs)
    first = min(run.begun_at for run in runs)
    title = several(len(runs), "run") + " under way"
    return Found(ItemState.RUNNING, f"{title}; {said}", first, f"{CHECKS}/{runs[0].id}")
