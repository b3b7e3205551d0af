"""Settings that HTCondor ignores, that are not followed here, and policies that are no expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hosted_ce.routing.classad import ExpressionError
from hosted_ce.routing.htcondor import steps
from hosted_ce.routing.htcondor.config import Definition, in_order
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.lint.parts import NAMES, ROUTE, Subject, error, warning
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.place import Finding

_OLD = ("JOB_ROUTER_ENTRIES", "JOB_ROUTER_ENTRIES_FILE", "JOB_ROUTER_ENTRIES_CMD", "JOB_ROUTER_DEFAULTS")
_POLICY = re.compile(
    r"SYSTEM_PERIODIC_(HOLD|REMOVE|RELEASE|VACATE)(_(REASON|SUBCODE))?(_[A-Z0-9]+)?"
    r"|SUBMIT_REQUIREMENT_\w+|JOB_ROUTER_SOURCE_JOB_CONSTRAINT",
    re.IGNORECASE | re.ASCII,
)
_NO_POLICY = re.compile(r".*_NAMES|SUBMIT_REQUIREMENT_\w+_ISWARNING", re.IGNORECASE | re.ASCII)
_WITHOUT_EFFECT = {
    "sendidtokens": "tokens for pilots are not made by routes here",
    "editjobinplace": "the pilot itself is never changed here",
    "usesharedx509userproxy": "proxies are not known here",
    "sharedx509userproxy": "proxies are not known here",
    "jobfailuretest": "a pilot's failure is told by its exit code here",
}


def check(subject: Subject) -> Iterator[Finding]:
    """All rules of this module."""
    for definition in in_order(subject.config):
        yield from _old_syntax(definition)
        yield from _policy(subject, definition)
        yield from _not_followed(subject, definition)
    for part in subject.of_kind("route"):
        for step in part.program.steps:
            if isinstance(step, steps.Assign) and (why := _WITHOUT_EFFECT.get(step.name.source.lower())):
                yield warning(step.place, "no-effect", f"{step.name.source} has no effect: {why}")


def _old_syntax(definition: Definition) -> Iterator[Finding]:
    upper = definition.name.upper()
    if upper in _OLD and definition.text.strip():
        message = f"HTCondor 25 does not read {upper}; it can be imported"
        yield error(definition.place, "old-routes", message)
    elif upper.startswith(ROUTE) and upper != NAMES and definition.text.lstrip().startswith(("[", "/*")):
        message = f"{definition.name} is written in the old syntax, which HTCondor 25 does not read"
        yield error(definition.place, "old-routes", message)


def _policy(subject: Subject, definition: Definition) -> Iterator[Finding]:
    if not _POLICY.fullmatch(definition.name) or _NO_POLICY.fullmatch(definition.name):
        return
    try:
        text = subject.config.get(definition.name)
        if text:
            whole(text)
    except (ExpressionError, TooMuch) as fault:
        yield error(definition.place, "policy", f"HTCondor ignores {definition.name}: {fault}")


def _not_followed(subject: Subject, definition: Definition) -> Iterator[Finding]:
    upper = definition.name.upper()
    if upper == "JOB_ROUTER_ROUND_ROBIN_SELECTION" and subject.config.truth(upper, False):
        message = "routes do not take turns here: the first that matches and has room takes the pilot"
        yield warning(definition.place, "not-followed", message)
    elif upper == "JOB_ROUTER_HOOK_KEYWORD":
        yield warning(definition.place, "not-followed", "hooks are not run here")
    elif upper.startswith("LOCAL_CONFIG") and definition.text.rstrip().endswith("|"):
        yield warning(definition.place, "not-followed", "programs that print configuration are not run here")
