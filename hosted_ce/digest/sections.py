"""The sections of a digest: plain sentences, in the order in which they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from hosted_ce.digest.changes import changes
from hosted_ce.digest.facts import DigestFacts
from hosted_ce.incidents.cause import ABOUT, Mover
from hosted_ce.incidents.incident import Incident
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.verification.advice import AdviceWeight
from hosted_ce.verification.catalogue import KINDS
from hosted_ce.verification.words import count

HOUR_S, DAY_S = 3600, 86400
SOON_S = 60 * DAY_S
MOST_ADVICE = 5
MOVES = {Mover.OSG: "OSG's move", Mover.SITE: "the site's move"}


@dataclass(frozen=True, slots=True)
class Section:
    """A title and its sentences; `empty` is what is said when there are none."""

    title: str
    lines: tuple[str, ...]
    empty: str


def sections(facts: DigestFacts) -> list[Section]:
    """All of them, also those that have nothing to say: that is worth knowing as well."""
    return [
        Section("Contributions", tuple(_contributions(facts)), "No pilot's run ended."),
        Section("Better and worse", tuple(_changes(facts)), "Nothing that is more than chance."),
        Section("Outages", tuple(map(_outage, facts.incidents)), "None."),
        Section("Open problems", tuple(_problems(facts)), "None."),
        Section("Checks", tuple(_checks(facts)), "The site was not checked."),
        Section("What ends soon", tuple(_expiries(facts)), "Nothing within 60 days."),
        Section("Suggestions", tuple(_suggestions(facts)), "None."),
    ]


def _contributions(facts: DigestFacts) -> Iterator[str]:
    runs = sum(one.runs for one in facts.runs)
    if not runs:
        return
    hours = sum(one.core_s for one in facts.runs) / HOUR_S
    yield f"{count(runs, 'run')} of pilots ended, and had {hours:,.0f} core hours."
    for one in facts.runs:
        yield f"Route {one.route}: {count(one.runs, 'run')}, {one.core_s / HOUR_S:,.0f} core hours."
    ends: Counter[EndClass] = Counter()
    for one in facts.runs:
        for end in one.ends:
            ends[end.what] += end.runs
    said = ", ".join(f"{number:,} {what.value.replace('_', ' ')}" for what, number in ends.most_common())
    yield f"They ended: {said}."


def _changes(facts: DigestFacts) -> Iterator[str]:
    for better, said in changes(facts.runs, facts.before):
        yield f"{'Better' if better else 'Worse'}: {said}."


def _outage(one: Incident) -> str:
    about = ABOUT[one.cause]
    if one.ended_at is None:
        until = f"lasts; {MOVES[about.mover]}: {about.todo}"
    else:
        until = f"to {moment(one.ended_at)}, {(one.ended_at - one.began_at) / HOUR_S:,.1f} h"
    return f"{one.place}: {about.title}, from {moment(one.began_at)} {until}. {one.said}"


def _problems(facts: DigestFacts) -> Iterator[str]:
    if facts.activity:
        yield f"It is in {facts.activity.word.value.replace('_', ' ')}: {facts.activity.reason}."
    for reason in facts.health.reasons if facts.health else ():
        yield f"{reason.word.value.capitalize()}: {reason.said}. What to do: {reason.todo}."


def _checks(facts: DigestFacts) -> Iterator[str]:
    for run in facts.checked:
        said = ", ".join(f"{number} {verdict}" for verdict, number in run.verdicts.items() if number)
        yield f"{run.cluster}, {moment(run.at)}: {said}."
        yield from (f"{run.cluster}, worse than before: {one}." for one in run.worse)
        yield from (f"{run.cluster}, fails: {one}" for one in run.failed)


def _expiries(facts: DigestFacts) -> Iterator[str]:
    for one in sorted(facts.expiries, key=lambda each: each.until):
        left = one.until - facts.until
        if left <= 0:
            yield f"The {one.kind} {one.path} is no longer valid."
        elif left <= SOON_S:
            days = count(round(left / DAY_S), "day")
            yield f"The {one.kind} {one.path} is valid for {days} more, to {moment(one.until)}."


def _suggestions(facts: DigestFacts) -> Iterator[str]:
    found = [
        (advice, report) for report in facts.reports for advice in report.advice
        if advice.weight is not AdviceWeight.NOTE
    ]  # fmt: skip
    found.sort(key=lambda each: (each[0].weight is not AdviceWeight.LOSS, -each[0].core_hours))
    for advice, report in found[:MOST_ADVICE]:
        key = f" ({advice.key})" if advice.key else ""
        title = f"{advice.id} {KINDS[advice.id].title}, route {report.route}"
        yield f"{title}: {advice.said}. What to do: {advice.todo}{key}."


def moment(at: float) -> str:
    """A time for people, to the minute."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
