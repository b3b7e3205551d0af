"""Runs of checks as one HTML file that needs nothing besides, to send to the site."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from jinja2 import Environment, StrictUndefined

from hosted_ce.api.pages.templates import inline
from hosted_ce.cli.site.check.lines import Document, by_family, summary, wrong
from hosted_ce.cli.words import spelled, to_the_second

TEMPLATE = "report.html"


def html(runs: Sequence[Document]) -> str:
    """The report of all of them. Every value is escaped."""
    text = resources.files("hosted_ce.cli.site.check").joinpath(TEMPLATE).read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "spelled": spelled, "second": to_the_second, "summary": summary, "wrong": wrong,
        "by_family": by_family, "inline": inline,
    }  # fmt: skip
    return environment.from_string(text).render(runs=runs)
