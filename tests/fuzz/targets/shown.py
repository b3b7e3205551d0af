"""Texts of others as people see them: on terminals, in pages and mails, in tables, in logs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import structlog

from hosted_ce.api.schemas.contributions import ContributionOut, as_csv
from hosted_ce.cli.columns import PILOTS
from hosted_ce.cli.logs.lines import Wanted, parsed, shown
from hosted_ce.cli.printing import visible
from hosted_ce.cli.tables import table_lines
from hosted_ce.cli.words import cell, summary
from hosted_ce.digest.forms import Digest, Form, written
from hosted_ce.digest.sections import Section
from hosted_ce.logs import configure_logs
from hosted_ce.mailable import as_fragment, as_html, as_text
from hosted_ce.redaction import redacted
from hosted_ce.session.judge import board_of
from hosted_ce.session.log import Said
from hosted_ce.session.minutes.markdown import minutes
from hosted_ce.settings import Settings
from hosted_ce.store.contributions import By
from hosted_ce.verification.facts import Inventory, RouteFacts
from hosted_ce.verification.markdown import markdown
from hosted_ce.verification.report import report as report_of
from hosted_ce.written import written as stored_text
from tests.fakes.site_facts import SCRATCH, SESSION, checked, facts, said, seen
from tests.fuzz.target import Target, no_controls, parts

PLAIN = frozenset(
    [
        "html", "head", "meta", "title", "body", "h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li",
        "a", "strong", "em", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "br", "hr", "img",
        "blockquote",
    ]
)  # fmt: skip


class _Page(HTMLParser):
    """Fails for what a browser would run or fetch."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in PLAIN, f"a text became <{tag}>"
        for name, value in attrs:
            assert not name.startswith("on"), f"a text became {name}="
            if name in ("href", "src"):
                assert (value or "").lower().startswith(("http://", "https://", "/", "#", "mailto:")), value


def _safe(page: str) -> None:
    reader = _Page()
    reader.feed(page)
    reader.close()


def documents(data: bytes) -> None:
    """Minutes, digests and reports of hostile texts, in all their forms."""
    one, two = (part.decode("utf-8", "replace") for part in parts(data, 2))
    entries = [
        said(1, Said.NOTE, one), said(2, Said.DECISION, two),
        said(3, Said.OPEN, one, owner=two, due="2026-02-03"),
        said(4, Said.RUN, one, "site-check", link="/site/checks/12"), said(5, Said.TICK, two, "people"),
    ]  # fmt: skip
    fault = replace(SCRATCH, seen=one, todo=two)
    given = facts(
        107, checks=(checked(fault),), pilots=(seen(7, well=False, node=one, ended=two, route=two, why=one),)
    )
    session = replace(SESSION, partner=one or "x")
    text = minutes(board_of(session, entries, given), "https://ce.example.org")
    no_controls(text)
    for page in (as_html(text, one), as_fragment(text)):
        _safe(page)
    as_text(text)
    digest = Digest(one, "x to y", [Section("Problems", "None.", (one, two))])
    _safe(written(digest, Form.HTML))
    for form in (Form.TEXT, Form.MARKDOWN):
        no_controls(written(digest, form))
    _safe(as_fragment(written(digest, Form.MARKDOWN)))
    report = markdown([report_of(RouteFacts(one, two, 0, 0.0), Inventory(()))], one, "Last week.")
    no_controls(report)
    _safe(as_fragment(report))


def terminals(data: bytes) -> None:
    """What commands print of what the CE, its log and its pilots say."""
    one, two = (part.decode("utf-8", "surrogateescape") for part in parts(data, 2))
    no_controls(cell(one), allowed="")
    no_controls(visible(data).decode(), allowed="\n\t")
    pilot = {
        "id": 7, "state": one, "batch_id": two, "route": one, "cluster": two, "node": one,
        "exit_code": 1, "exit_signal": None, "created_at": two, "executable": one,
        "reason": two, "purpose": one,
    }  # fmt: skip
    no_controls(summary(pilot), allowed="")
    no_controls("".join(table_lines(PILOTS, [pilot])), allowed="")
    line = parsed(data.decode("utf-8", "replace"))
    if line is not None:
        Wanted(pilot=1, since=0.0, text="x").takes(line)
        no_controls("".join(shown(line)), allowed="")
    no_controls(
        "".join(shown({"timestamp": one, "level": two, "event": one, "x": two, "exception": one})), allowed=""
    )


def exports(data: bytes) -> None:
    """Tables for spreadsheets: no text of others is a formula there, and none of it is lost."""
    names = [part.decode("utf-8", "replace") for part in parts(data, 3)]
    zero = dict.fromkeys(ContributionOut.model_fields, 0)
    rows = [ContributionOut.model_validate({**zero, "name": name}) for name in names]
    found = list(csv.reader(io.StringIO(as_csv(rows, By.ROUTE), newline="")))
    assert len(found) == 1 + len(rows)
    for name, row in zip(names, found[1:], strict=True):
        assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r")), "a spreadsheet would work it out"
        assert row[0] in (name, f"'{name}")


@cache
def _lines() -> io.StringIO:
    """Where the log of a process that fuzzes is written from now on."""
    lines = io.StringIO()
    configure_logs(Settings(log_format="json"), lines)
    return lines


def logs(data: bytes) -> None:
    """Lines of the log: one message is one line of JSON, and nothing in it steers a terminal."""
    one, two = (part.decode("utf-8", "surrogateescape") for part in parts(data, 2))
    lines = _lines()
    lines.seek(0)
    lines.truncate()
    structlog.get_logger("fuzz").warning("said", problem=one, **{"reason": two})
    text = lines.getvalue()
    assert text.count("\n") == 1
    no_controls(text)
    assert json.loads(text)["event"] == "said"


def secrets(data: bytes) -> None:
    """Any text, without its secrets: in time, and the same when it is done twice."""
    text = data.decode("utf-8", "surrogateescape")
    once = redacted(text)
    assert redacted(once) == once
    stored = stored_text(text)
    assert stored_text(stored) == stored
    stored.encode()


TARGETS = (
    Target("documents", "minutes, digests, reports", documents, largest=2048),
    Target("terminals", "terminals, exports, logs", terminals, largest=4096),
    Target("exports", "terminals, exports, logs", exports, largest=2048),
    Target("logs", "terminals, exports, logs", logs, largest=4096),
    Target("secrets", "secrets in texts", secrets),
)
