"""Reports as Markdown, to send to the site. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hosted_ce.verification.advice import Advice
from hosted_ce.verification.catalogue import KINDS
from hosted_ce.verification.report import RouteReport, Row
from hosted_ce.verification.words import TITLES, amount, count

ONLY_PILOTS = "Only pilots are seen here: what the jobs in them did, nobody at this CE knows."
TOO_FEW = "Too few to judge."
_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_|<>[]#"})


def markdown(reports: Iterable[RouteReport], title: str, span: str) -> str:
    """All of it. `span` is the time in words."""
    lines = [f"# {escaped(title)}", "", f"{span} {ONLY_PILOTS}", ""]
    for one in reports:
        lines += [f"## Route {escaped(one.route)} ({escaped(one.cluster)})", "", *_route(one), ""]
    return "\n".join(lines).rstrip() + "\n"


def _route(one: RouteReport) -> Iterator[str]:
    yield f"{count(one.runs, 'run')} ended, {one.core_hours:,.0f} core hours."
    if not one.enough:
        yield TOO_FEW
        return
    yield ""
    yield from _table(one.rows)
    yield ""
    yield (
        "Ends: " + ", ".join(f"{each.runs:,} {each.what.value.replace('_', ' ')}" for each in one.ends) + "."
    )
    if one.nodes_unknown:
        yield f"The nodes are not known: {escaped(one.nodes_unknown)}."
    yield ""
    yield from _advices(one.advice)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| | asked | granted | got another | used: tenth, median, nine tenths |"
    yield "|---|---|---|---|---|"
    for row in rows:
        used = f"{row.used.p10} %, {row.used.median} %, {row.used.p90} %" if row.used else ""
        asked, granted = (escaped(amount(row.resource, value)) for value in (row.asked, row.granted))
        yield f"| {TITLES[row.resource]} | {asked} | {granted} | {row.differing:,} runs | {used} |"


def _advices(advice: Sequence[Advice]) -> Iterator[str]:
    if not advice:
        yield "Nothing to do."
    for each in advice:
        key = f" (`{each.key}`)" if each.key else ""
        yield f"- **{each.id} {KINDS[each.id].title}** ({each.weight.value}): {escaped(each.said)}."
        yield f"  What to do: {each.todo}{key}."


def escaped(text: str) -> str:
    """The text on one line, so that nothing in it is Markdown, and no terminal obeys it."""
    plain = "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))
    return plain.translate(_SPECIAL)
