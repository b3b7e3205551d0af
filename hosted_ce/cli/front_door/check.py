"""`hosted-ce front-door check`, and how its findings are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.front_door.steps import read_site, told
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.process import settings_with
from hosted_ce.cli.words import spelled
from hosted_ce.front_door.checks import Finding, Subject, check
from hosted_ce.front_door.layout import layout_of


def subject_of(
    site: Path | None, state: Path | None, condor_bin: Path | None, config: Path | None
) -> Subject:
    """What to look at. Raises Misuse."""
    settings = settings_with(site=site, state=state, condor_bin=condor_bin, condor_config=config)
    wanted = read_site(settings)
    if wanted.front_door is None:
        raise Misuse("the site file has no front_door; add one as in routes/example.yaml")
    where = settings.front_door_config.absolute()
    return Subject(wanted, wanted.front_door, layout_of(settings.state), where, settings.condor_bin)


def checked(subject: Subject, *, timeout_s: float, issuers: bool) -> Iterator[Finding]:
    """The findings, each as soon as it is there. Raises CliError."""
    with told():
        yield from check(subject, timeout_s=timeout_s, issuers=issuers)


def print_findings(findings: Iterator[Finding], *, as_json: bool) -> bool:
    """Prints them; whether anything failed."""
    seen = []
    for finding in findings:
        seen.append(finding)
        if not as_json:
            typer.echo(_lines(finding))
    if as_json:
        print_json([asdict(finding) for finding in seen])
    return any(finding.verdict == "fail" for finding in seen)


def _lines(finding: Finding) -> str:
    line = f"{finding.verdict}  {finding.name}: {spelled(finding.seen)}"
    return f"{line}\n      {spelled(finding.todo)}" if finding.todo else line
