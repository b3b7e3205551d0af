"""Runs of checks as Markdown, for a ticket or a mail to the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hosted_ce.cli.site.check.lines import Document, by_family, summary, wrong
from hosted_ce.cli.words import spelled, to_the_second

_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#"})


def markdown(runs: Sequence[Document]) -> str:
    """The report of all of them."""
    return "\n".join(line for run in runs for line in _run(run)) + "\n"


def _run(run: Document) -> Iterator[str]:
    yield f"# Checks of cluster {_text(run['cluster'])}"
    yield ""
    yield f"{to_the_second(run['begun_at'])}: {summary(run)}."
    if run["problem"]:
        yield ""
        yield f"It did not get to its end: {_text(run['problem'])}"
    bad = wrong(run["results"] or [])
    if bad:
        yield ""
        yield "## What to do"
    for each in bad:
        yield ""
        yield f"### {each['check']} {each['name']}{_at(each)}: {each['verdict']}"
        yield ""
        yield f"- **Seen:** {_text(each['seen'])}"
        yield f"- **Why it matters:** {each['why']}"
        yield f"- **To do:** {each['todo']}"
    yield ""
    yield "## All checks"
    for family, some in by_family(run["results"] or []):
        yield ""
        yield f"**{family}**"
        yield ""
        yield "| check | verdict | what was seen |"
        yield "|---|---|---|"
        for each in some:
            yield f"| {each['check']} {each['name']}{_at(each)} | {each['verdict']} | {_text(each['seen'])} |"
    yield ""


def _at(each: Document) -> str:
    return f" at {_text(each['where'])}" if each["where"] else ""


def _text(text: str) -> str:
    return spelled(text).translate(_SPECIAL)
