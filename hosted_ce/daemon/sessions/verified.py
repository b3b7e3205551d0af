"""What a verification of contributions says, in one line. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from hosted_ce.daemon.sessions.keeper import Started
from hosted_ce.verification.report import RouteReport


def told(reports: Sequence[RouteReport]) -> Started:
    """That it was looked at is what is wanted: what it advises is for both sides to read."""
    said = "; ".join(map(_route, reports)) or "there are no routes"
    return Started(said, True, "/verification")


def _route(report: RouteReport) -> str:
    runs = f"route {report.route}: {report.runs} run{'' if report.runs == 1 else 's'}"
    if not report.enough:
        return f"{runs}, too few to judge"
    advice = ", ".join(each.id for each in report.advice)
    return f"{runs}, {advice or 'nothing to do'}"
