"""A run of checks in lines for a person: what is wrong first, with what to do, then all the rest."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hosted_ce.checks.verdict import Verdict
from hosted_ce.cli.words import cell, spelled, to_the_second

Document = Mapping[str, Any]
ORDER = (Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.SKIPPED)
WIDTH = 100


def run_lines(run: Document) -> Iterator[str]:
    """The report."""
    yield f"Checks of cluster {cell(run['cluster'])}, {to_the_second(run['begun_at'])}: {summary(run)}"
    if run["problem"]:
        yield f"It did not get to its end: {spelled(run['problem'])}"
    for each in run["worse"]:
        yield f"Worse: {each['check']} {each['name']}{_at(each)}, {each['before']} before: {each['after']}"
    results = run["results"] or []
    yield from _advice(results)
    for family, some in by_family(results):
        yield ""
        yield family
        yield from map(result_line, some)


def result_line(each: Document) -> str:
    """One result."""
    return f"  {each['verdict']:7}  {each['check']:6} {each['name']}{_at(each)}: {spelled(each['seen'])}"


def summary(run: Document) -> str:
    """How many there are of each verdict."""
    return ", ".join(f"{run['counts'][verdict]} {verdict}" for verdict in ORDER if run["counts"][verdict])


def by_family(results: Sequence[Document]) -> list[tuple[str, list[Document]]]:
    """The results of each family together, in the order in which families come."""
    found: dict[str, list[Document]] = {}
    for each in results:
        found.setdefault(str(each["family"]), []).append(each)
    return list(found.items())


def wrong(results: Sequence[Document]) -> list[Document]:
    """Failures, then warnings."""
    bad = [each for each in results if each["verdict"] in (Verdict.FAIL, Verdict.WARN)]
    return sorted(bad, key=lambda each: ORDER.index(Verdict(each["verdict"])))


def _advice(results: Sequence[Document]) -> Iterator[str]:
    for each in wrong(results):
        yield ""
        yield f"{each['verdict'].upper()} {each['check']} {each['name']}{_at(each)}"
        for title, text in (("Seen: ", each["seen"]), ("Why:  ", each["why"]), ("To do: ", each["todo"])):
            yield from _wrapped(title, spelled(text))


def _wrapped(title: str, text: str) -> list[str]:
    indent = " " * 8
    return textwrap.wrap(
        text, WIDTH, initial_indent=f"  {title:6}".ljust(8), subsequent_indent=indent,
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip


def _at(each: Document) -> str:
    return f" at {cell(each['where'])}" if each["where"] else ""
