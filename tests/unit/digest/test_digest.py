"""What a digest says of a week, and that it says the same in each form."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.digest.changes import changes
from hosted_ce.digest.facts import Checked, DigestFacts
from hosted_ce.digest.forms import Digest, Form, digest, written
from hosted_ce.digest.sections import Section, sections
from hosted_ce.health.facts import Expiry
from hosted_ce.health.judge import Health, Reason, Word
from hosted_ce.health.pressure import Activity, Pressure
from hosted_ce.incidents.cause import Cause
from hosted_ce.incidents.incident import Incident
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.verification.advice import Advice, AdviceWeight
from hosted_ce.verification.facts import Ended, RouteFacts
from hosted_ce.verification.report import RouteReport

NOW, DAY_S = 1_770_000_000.0, 86_400.0


def week(hours: float = 800.0, **ends: int) -> RouteFacts:
    """A route's runs by how they ended."""
    found = [Ended(EndClass(name), "n1", number, 0.0) for name, number in ends.items()]
    return RouteFacts("default", "main", sum(ends.values()), 3600 * hours, ends=found)


def facts(**more: Any) -> DigestFacts:
    return DigestFacts("Example-CE1", "Example", NOW - 7 * DAY_S, NOW, **more)


def said(title: str, of: DigestFacts) -> tuple[str, ...]:
    return next(one.lines for one in sections(of) if one.title == title)


def test_a_site_with_nothing_going_on_says_so_in_every_section() -> None:
    text = written(digest(facts()), Form.TEXT)
    for section in sections(facts()):
        assert section.lines == ()
        assert f"{section.title.upper()}\n- {section.empty}" in text


def test_contributions_by_route_and_how_runs_ended() -> None:
    lines = said("Contributions", facts(runs=[week(normal=90, walltime=10)]))
    assert lines == (
        "100 runs of pilots ended, and had 800 core hours.",
        "Route default: 100 runs, 800 core hours.",
        "They ended: 90 normal, 10 walltime.",
    )


def test_what_became_better_and_worse_and_nothing_that_is_chance() -> None:
    before = [week(800, normal=90, walltime=10, no_cvmfs=10)]
    now = [week(500, normal=100, walltime=4, no_cvmfs=20)]
    assert list(changes(now, before)) == [
        (False, "fewer core hours: 500 after 800"),
        (False, "runs that ended as no cvmfs: 16 % after 9 %"),
        (True, "runs that ended as walltime: 3 % after 9 %"),
    ]
    assert list(changes(before, before)) == []
    assert list(changes([week(700, normal=80, walltime=10, no_cvmfs=10)], before)) == []
    assert list(changes([week(1, normal=19)], before)) == [], "too few to compare"
    assert all("factory" not in text for _, text in changes([week(800, removed_by_factory=99)], before))


def test_outages_with_their_ends_and_those_that_last_with_whose_move_it_is() -> None:
    over = Incident("main", Cause.BATCH_DOWN, NOW - 9000, NOW, "no answer", 3, NOW - 1800)
    lasting = replace(over, cause=Cause.LOGIN_UNREACHABLE, ended_at=None)
    first, second = said("Outages", facts(incidents=[over, lasting]))
    assert first.startswith("main: The batch system does not answer, from 2026-02-02 00:10 UTC to ")
    assert "2.0 h. no answer" in first
    assert "lasts; the site's move: ask the site" in second


def test_problems_checks_ends_and_suggestions() -> None:
    health = Health(Word.FAIR, (Reason(Word.FAIR, "cluster main is slow", "wait"),))
    activity = Activity(Pressure.NO_PRESSURE, "no pilot waits")
    advice = [
        Advice("VF-10", AdviceWeight.WASTE, "memory idle", "ask for less", "request.memory", 9, 10.0),
        Advice("VF-13", AdviceWeight.LOSS, "ended", "ask for more", None, 9, 5.0),
        Advice("VF-25", AdviceWeight.NOTE, "not known", "nothing"),
    ]
    of = facts(
        health=health, activity=activity,
        checked=[Checked("main", NOW, {"pass": 30, "fail": 1, "warn": 0}, ["NET-2: squid does not answer"])],
        expiries=[Expiry("host certificate", "/c", NOW + 10 * DAY_S), Expiry("token", "/t", NOW - 1),
                  Expiry("key", "/k", NOW + 61 * DAY_S)],
        reports=[RouteReport("r", "main", 50, 1.0, 0, enough=True, advice=tuple(advice))],
    )  # fmt: skip
    assert said("Open problems", of) == (
        "It is in no pressure: no pilot waits.", "Fair: cluster main is slow. What to do: wait.",
    )  # fmt: skip
    assert said("Checks", of) == (
        "main, 2026-02-02 02:40 UTC: 30 pass, 1 fail.",
        "main, worse than before: NET-2: squid does not answer.",
    )
    assert said("What ends soon", of) == (
        "The token /t is no longer valid.",
        "The host certificate /c is valid for 10 days more, to 2026-02-12 02:40 UTC.",
    )
    first, second = said("Suggestions", of)
    assert first.startswith("VF-13 Ended by walltime, route r: ended. What to do: ask for more.")
    assert second.endswith("ask for less (request.memory).")


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.items: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "li":
            self.items.append("")

    def handle_data(self, data: str) -> None:
        if self.items:
            self.items[-1] += data.rstrip("\n") if self.items[-1] else data

    def handle_endtag(self, tag: str) -> None:
        if tag == "li":
            self.items.append("")


@given(st.text(min_size=1))
def test_what_a_site_printed_is_no_markup_in_any_form(text: str) -> None:
    of = Digest("t", "s", [Section("Outages", (text,), "None.")])
    page = _Read()
    page.feed(written(of, Form.HTML))
    assert page.tags <= {"html", "head", "meta", "title", "body", "h1", "p", "h2", "ul", "li"}
    markdown = written(of, Form.MARKDOWN).split("## Outages")[1]
    assert markdown.count("\n") == 3, "one line stays one line"
    plain = written(of, Form.TEXT)
    assert all(sign.isprintable() or sign == "\n" for sign in plain)


@pytest.mark.parametrize("form", list(Form))
def test_each_form_has_all_sentences(form: Form) -> None:
    of = digest(facts(runs=[week(normal=90, walltime=10)]))
    text = " ".join(written(of, form).split())
    for section in of.sections:
        for line in section.lines or (section.empty,):
            assert line in text
