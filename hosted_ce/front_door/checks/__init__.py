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
from hosted_ce.front_door.checks.issuers import check_issuers
from hosted_ce.front_door.checks.network import check_network
from hosted_ce.front_door.checks.spool import check_spool
from hosted_ce.front_door.checks.subject import Subject

__all__ = ["Finding", "Subject", "Verdict", "check"]

ASK_TIMEOUT_S = 20.0


def check(subject: Subject, *, issuers: bool = False) -> Iterator[Finding]:
    """All findings, in the order to read them in; with `issuers`, those are asked for their keys, too."""
    if not subject.elsewhere:
        yield from check_files(subject)
        yield from check_certificate(subject.wanted, dt.datetime.now(dt.UTC))
        yield from check_network(subject.wanted)
    answers = ask(subject.config, timeout_s=ASK_TIMEOUT_S)
    yield from judge_daemons(subject, answers)
    yield from check_spool(_spool(subject, answers))
    if issuers:
        yield from check_issuers(subject.site.issuers)


def _spool(subject: Subject, answers: Answers) -> Path:
    """Where the running schedd has it; where it would be, if there is none."""
    known = answers.values.get("settings", {}).get("SPOOL")
    return Path(known) if known else subject.layout.spool
