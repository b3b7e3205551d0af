"""Judges what each route asks against what the batch system can give. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bosco.batch.condition import Condition, Nodes, Rehearsal
from bosco.batch.facts import BatchFacts
from hosted_ce.capabilities.finding import Finding
from hosted_ce.capabilities.route_findings import route_findings
from hosted_ce.capabilities.wanted import RouteWants
from hosted_ce.checks.judges.facts import Facts
from hosted_ce.checks.judges.told import told
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

DAY_S = 86400.0
LATE_DAYS = 1.0
PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED


def route_results(facts: Facts) -> Iterator[Result]:
    """For each route; nothing before there was a probe."""
    batch = facts.known.batch
    if batch is None:
        return
    for wants in facts.wanted.routes:
        yield from _probed(batch, wants, tuple(route_findings(batch, wants)))
        if facts.known.condition:
            yield _nodes(facts.known.condition, wants.route, wants.ask.queue or batch.default_queue)
        if tried := facts.known.rehearsals.get(wants.route):
            yield _tried(tried, wants.route, facts.known.asked_at)


def _probed(batch: BatchFacts, wants: RouteWants, found: Sequence[Finding]) -> Iterator[Result]:
    route, name = wants.route, wants.ask.queue or batch.default_queue or "any queue"
    unknown = batch.unknown.get("queues")
    yield told("BS-2", found, f"{name} is there", unknown=unknown, where=route)
    yield told("BS-6", found, f"{name} is open", unknown=unknown, where=route)
    ask = wants.ask
    asked = f"cores {ask.cpus}, memory {ask.memory_mb} MB, walltime {ask.walltime_s} s"
    yield told("BS-7", found, f"{asked}: below every limit that is told", where=route)
    if batch.accounts != ():
        yield told("BS-8", found, _accounts(batch), where=route)


def _accounts(batch: BatchFacts) -> str:
    if batch.accounts:
        return f"jobs may be charged to {', '.join(batch.accounts)}"
    return "nothing that is told keeps it out"


def _nodes(now: Condition, route: str, queue: str | None) -> Result:
    if now.nodes is None:
        why = now.unknown.get("nodes", "it was not asked")
        return Result("BS-10", SKIPPED, f"it cannot be told: {why}", route)
    meant = [nodes for name, nodes in now.nodes.items() if queue in (None, name)]
    if not meant:
        return Result("BS-10", SKIPPED, f"it cannot be told: no nodes of {queue} are shown", route)
    total, working = (sum(getattr(nodes, field) for nodes in meant) for field in ("total", "working"))
    seen = f"nodes that work: {working} of {total}{_others(meant)}"
    verdict = FAIL if not working else WARN if working * 2 < total else PASS
    return Result("BS-10", verdict, seen, route, {"total": total, "working": working})


def _others(meant: Sequence[Nodes]) -> str:
    states = {state: many for nodes in meant for state, many in nodes.others.items()}
    return (
        f"; the others are {', '.join(f'{state} ({many})' for state, many in states.items())}"
        if states
        else ""
    )


def _tried(tried: Rehearsal, route: str, asked_at: float | None) -> Result:
    verdict = SKIPPED if tried.taken is None else PASS if tried.taken else FAIL
    days = (tried.starts_at - asked_at) / DAY_S if tried.starts_at and asked_at else 0.0
    if tried.taken and days > LATE_DAYS:
        seen = f"it would start in {days:.0f} days: is there a reservation, or a long queue? {tried.said}"
        return Result("BS-4", WARN, seen, route, {"starts_in_days": round(days, 1)})
    return Result("BS-4", verdict, tried.said, route)
