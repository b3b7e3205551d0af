"""Looks at a front door from all sides, and says of each what was seen and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from hosted_ce.front_door.ask import Answers, ask
from hosted_ce.front_door.checks.certificate import check_certificate
from hosted_ce.front_door.checks.daemons import judge_daemons
from hosted_ce.front_door.checks.files import check_files
from hosted_ce.front_door.checks.finding import Finding, Verdict
from hosted_ce.front_door.checks.network import check_network
from hosted_ce.front_door.checks.spool import check_spool
from hosted_ce.front_door.checks.subject import Subject

__all__ = ["Finding", "Subject", "Verdict", "check"]

OF_COLLECTOR, OF_SCHEDD = ("schedds",), ("identity", "jobs", "users", "settings")
"""What is asked of whom: apart, so that one that hangs does not hide the other."""


def check(subject: Subject, *, timeout_s: float, issuers: bool = False) -> Iterator[Finding]:
    """All findings, in the order to read them in; with `issuers`, those are asked for their keys, too.

    A daemon has `timeout_s` to answer.
    """
    if not subject.elsewhere:
        yield from check_files(subject)
        yield from check_certificate(subject.wanted, dt.datetime.now(dt.UTC))
        yield from check_network(subject.wanted)
    answers = ask(subject.config, *OF_COLLECTOR, timeout_s=timeout_s)
    answers = answers.and_(ask(subject.config, *OF_SCHEDD, timeout_s=timeout_s))
    yield from judge_daemons(subject, answers)
    yield from check_spool(_spool(subject, answers))
    if issuers:
        from hosted_ce.front_door.checks.issuers import check_issuers

        yield from check_issuers(subject.site.issuers)


def _spool(subject: Subject, answers: Answers) -> Path:
    """Where the running schedd has it; where it would be, if there is none."""
    known = answers.values.get("settings", {}).get("SPOOL")
    return Path(known) if known else subject.layout.spool
