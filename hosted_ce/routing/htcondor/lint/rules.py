"""All rules together."""

from __future__ import annotations

from hosted_ce.routing.htcondor.config import Config
from hosted_ce.routing.htcondor.lint import chain, endless, macros, order, requirements, settings, statements
from hosted_ce.routing.htcondor.lint.parts import Subject
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.place import Finding
from hosted_ce.routing.htcondor.router import load_router

_RULES = (
    requirements.check,
    statements.check,
    macros.check,
    endless.check,
    chain.check,
    order.check,
    settings.check,
)


def check_config(config: Config) -> tuple[Finding, ...]:
    """Everything found in a configuration, in the order of files and lines. Never fails."""
    findings = [*config.findings]
    subject = Subject(config)
    try:
        for rule in _RULES:
            findings += rule(subject)
    except TooMuch:
        pass  # the names of routes or transforms cannot be expanded; loading says so below
    told = {(finding.place, finding.severity) for finding in findings}
    for finding in load_router(config).findings:
        if (finding.place, "error") not in told:
            findings.append(finding)
    return tuple(sorted(set(findings)))
