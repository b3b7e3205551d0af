"""The screen as lines of text that fit. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from textwrap import wrap

from rich.text import Text

from hosted_ce.cli.pilots.why import lines_of
from hosted_ce.cli.site.status import ACTIVITIES
from hosted_ce.cli.tables import style_of
from hosted_ce.cli.top.keys import HELP
from hosted_ce.cli.top.screen import STATES, Document, Screen
from hosted_ce.cli.words import cell, span

LEAST_ROWS = 3
CLUSTERS = 3
WHY_TITLE = 14
_COLUMNS = (("ID", 9), ("STATE", 9), ("AGE", 8), ("ROUTE", 12), ("BATCH_ID", 14), ("NODE", 12))
"""Titles, and the most characters of each."""
_NONE: list[tuple[str, ...]] = [() for _ in _COLUMNS]


def drawn(screen: Screen, width: int, height: int, now: float) -> list[Text]:
    """`height` lines of at most `width` characters."""
    head = [*_head(screen, now)]
    foot = [*_foot(screen, width)][-max(1, height - len(head) - LEAST_ROWS - 1) :]
    rows = max(0, height - len(head) - len(foot) - 1)
    lines = [*head, *_table(screen, rows, now), *foot]
    for line in lines:
        line.no_wrap = True
        line.truncate(width, overflow="ellipsis")
    return lines[:height]


def rows_of(screen: Screen, width: int, height: int, now: float) -> int:
    """How many pilots are to be seen at this size."""
    return max(1, height - len([*_head(screen, now)]) - len([*_foot(screen, width)]) - 2)


def _head(screen: Screen, now: float) -> Iterator[Text]:
    look = screen.look
    if look is None:
        yield Text(screen.problem or "asking the CE ...", style="bold red" if screen.problem else "dim")
        return
    site = look.site
    yield Text.assemble(
        (f"{cell(site['name'])} {cell(site['resource'])}", "bold"), "  ", *_health(site), "  ",
        (datetime.fromtimestamp(look.at, UTC).strftime("%H:%M:%S UTC"), "dim"),
    )  # fmt: skip
    if screen.problem:
        since = f" for {span(now - look.at)}" if now > look.at else ""
        yield Text(f"no answer{since}: {cell(screen.problem)}", style="bold red")
    yield Text("  ".join(f"{look.counts.get(state, 0)} {state}" for state in STATES))
    clusters = site["clusters"]
    for cluster in clusters[:CLUSTERS]:
        yield _cluster(cluster)
    if len(clusters) > CLUSTERS:
        yield Text(f"and {len(clusters) - CLUSTERS} more clusters", style="dim")


def _health(site: Document) -> list[tuple[str, str]]:
    health, activity = site.get("health"), site.get("activity")
    if not health or not activity:
        return [("just started", "dim")]
    style = {"good": "green", "fair": "yellow"}.get(health["word"], "bold red")
    word = ACTIVITIES.get(activity["word"], activity["word"])
    return [(cell(health["word"]).capitalize(), style), (f"; {word}", "")]


def _cluster(cluster: Document) -> Text:
    ready = cluster["state"] == "ready"
    why = cluster["state_reason"] or cluster["closed_reason"]
    said = f": {cell(why)}" if why else ""
    return Text(
        f"cluster {cell(cluster['name'])} {cell(cluster['state'])}{said}", style="" if ready else "yellow"
    )


def _table(screen: Screen, rows: int, now: float) -> Iterator[Text]:
    """The title and as many pilots as fit, the chosen one among them; filled up with empty lines."""
    pilots = screen.pilots
    first = max(0, min(screen.place - rows // 2, len(pilots) - rows))
    seen = pilots[first : first + rows]
    cells = [_cells(pilot, now) for pilot in seen]
    widths = [
        min(most, max(len(title), *map(len, column)) if column else len(title))
        for (title, most), column in zip(_COLUMNS, list(zip(*cells, strict=True)) or _NONE, strict=False)
    ]
    yield Text(_line([title for title, _ in _COLUMNS], widths, "REASON"), style="bold")
    for number, (pilot, row) in enumerate(zip(seen, cells, strict=True), start=first):
        yield _row(pilot, row, widths, chosen=number == screen.place)
    for _ in range(rows - len(seen)):
        yield Text("")


def _cells(pilot: Document, now: float) -> list[str]:
    age = span(max(0.0, now - datetime.fromisoformat(pilot["created_at"]).timestamp()))
    shown = (pilot["id"], pilot["state"], age, pilot["route"], pilot["batch_id"], pilot["node"])
    return [cell(value) for value in shown]


def _row(pilot: Document, cells: list[str], widths: list[int], *, chosen: bool) -> Text:
    text = Text(_line(cells, widths, cell(pilot["reason"])))
    begin = widths[0] + 1
    text.stylize(style_of(pilot["state"]), begin, begin + len(cells[1]))
    if chosen:
        text.stylize("reverse")
    return text


def _line(cells: list[str], widths: list[int], last: str) -> str:
    fitted = (_fit(text, width) for text, width in zip(cells, widths, strict=True))
    return " ".join((*fitted, last))


def _fit(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)


def _foot(screen: Screen, width: int) -> Iterator[Text]:
    """The answer about one pilot, if it was asked for, and a line of what can be done."""
    if screen.why:
        lines = [line for line in lines_of(screen.why) if not line.startswith("  ids")]
        for number, line in enumerate(_wrapped(lines, width)):
            yield Text(line, style="bold" if number == 0 else "")
    elif screen.question.why is not None:
        yield Text(f"asking why pilot {screen.question.why} is where it is ...", style="dim")
    look, question = screen.look, screen.question
    more = "+" if look and look.more else ""
    chosen = " ".join(cell(each) for each in (question.state, question.route) if each)
    listed = f"{len(screen.pilots)}{more}, {screen.sort.value}{f', {chosen}' if chosen else ''}"
    yield Text(f"{HELP} | {listed}", style="dim")


def _wrapped(lines: list[str], width: int) -> Iterator[str]:
    for line in lines:
        yield from wrap(line, max(width, WHY_TITLE + 10), subsequent_indent=" " * WHY_TITLE)
