"""Judges the batch system for our account. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bosco.batch.condition import Condition
from bosco.batch.facts import BatchFacts, Records
from bosco.examined import Listed
from hosted_ce.capabilities.batch_findings import batch_findings
from hosted_ce.capabilities.finding import Finding
from hosted_ce.capabilities.login_findings import login_findings
from hosted_ce.checks.judges.facts import Facts
from hosted_ce.checks.judges.told import told
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
SLOW_ANSWER_S = 5.0
SHORT_KILL_WAIT_S = 30
SHOWN = 5


def batch_results(facts: Facts) -> Iterator[Result]:
    """All that are not about one route; as far as it was asked."""
    login, batch = facts.known.login, facts.known.batch
    if login is not None:
        where = ", ".join(path for path in login.tools.values() if path)
        yield told("BS-3", tuple(login_findings(login)), where)
    if facts.known.listed:
        yield from _listed(facts.known.listed)
    if batch is not None:
        yield from _probed(batch, tuple(batch_findings(batch, facts.wanted)))
    if facts.known.condition:
        yield from _condition(facts.known.condition, facts)


def _probed(batch: BatchFacts, found: Sequence[Finding]) -> Iterator[Result]:
    named = f"{batch.name} {batch.version or 'of an unknown version'}"
    if batch.accounts == ():  # then that is the problem
        yield Result("BS-8", FAIL, "; ".join(batch.problems) or "the account has none in the batch system")
        found = [each for each in found if each.id != "batch-system"]
    yield told("BS-1", found, named)
    yield _records(batch, found)
    listed = f"for {batch.remembers_s} s" if batch.remembers_s else "their ends are told otherwise"
    yield told("CL-4", found, listed)
    most = f"it allows {batch.most_jobs} jobs" if batch.most_jobs is not None else "no limit is told"
    yield told("BS-5", found, most)


def _records(batch: BatchFacts, found: Sequence[Finding]) -> Result:
    if batch.records is Records.OFF:
        why = batch.unknown.get("records", "it does not say why")
        return Result("CL-3", WARN, f"it keeps none that the account can read: {why}")
    unknown = batch.unknown.get("records", "") if batch.records is Records.UNKNOWN else None
    return told("CL-3", found, "they answer", unknown=unknown)


def _listed(listed: Listed) -> Iterator[Result]:
    listing, took = listed.listing, listed.took_s
    seen = f"listed in {took:.2f} s; jobs of ours: {len(listing.observations)}"
    if not listing.complete:
        yield Result("CL-1", FAIL, listing.problem or "its list of our jobs is not complete")
        return
    yield Result("CL-1", PASS, seen)
    slow = took > SLOW_ANSWER_S
    yield Result("CL-2", WARN if slow else PASS, seen, data={"seconds": round(took, 3)})


def _condition(now: Condition, facts: Facts) -> Iterator[Result]:
    unknown_jobs = now.unknown.get("other_jobs")
    strangers = facts.strangers.jobs if facts.strangers else ()
    if now.other_jobs is None and not strangers:
        yield Result("BS-9", SKIPPED, f"it cannot be told: {unknown_jobs or 'it was not asked'}")
    elif others := [*strangers, *(now.other_jobs or ())]:
        names = ", ".join(others[:SHOWN])
        seen = f"jobs of the account that are not this CE's: {len(others)} ({names})"
        yield Result("BS-9", WARN, seen, data={"jobs": others[:100]})
    else:
        yield Result("BS-9", PASS, "none")
    yield _kill_wait(now)


def _kill_wait(now: Condition) -> Result:
    wait = now.kill_wait_s
    if wait is None:
        return Result(
            "WN-4", SKIPPED, f"it cannot be told: {now.unknown.get('kill_wait_s', 'it does not say')}"
        )
    seen = f"{wait} s from SIGTERM to SIGKILL"
    return Result("WN-4", WARN if wait < SHORT_KILL_WAIT_S else PASS, seen, data={"seconds": wait})
