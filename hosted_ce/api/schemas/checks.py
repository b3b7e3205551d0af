"""Runs of checks as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none
from hosted_ce.checks.catalogue import CATALOGUE
from hosted_ce.checks.judges.told import TODO
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Run, RunState, Worse
from hosted_ce.checks.verdict import Verdict
from hosted_ce.redaction import redacted

UNKNOWN_KIND = "a check of another version of the CE"


class CheckResultOut(BaseModel):
    """What one check found at one place."""

    check: str = Field(description="Its id, for good.", examples=["SSH-2"])
    name: str = Field(description="Its name, for good.", examples=["login-reachable"])
    title: str = Field(description="What is so when all is well.")
    family: str = Field(description="What it belongs to.", examples=["Connection and login"])
    verdict: Verdict
    where: str | None = Field(
        description="The login node (host:port), route or worker node that it is about; null: all."
    )
    seen: str = Field(description="What was seen, or why nothing was.")
    why: str = Field(description="Why it matters.")
    todo: str = Field(description="What to do if it is not so.")
    data: dict[str, Any] = Field(
        description="Figures behind what was seen. `because`: the failed check for which it was skipped."
    )


class WorseOut(BaseModel):
    """A check that says something worse than when it was last known."""

    check: str
    name: str
    where: str | None
    before: Verdict
    after: Verdict
    seen: str


class AskedOut(BaseModel):
    """What was to be looked at besides the login node and its batch system."""

    login_only: bool = Field(description="No worker nodes.")
    nodes: list[str] = Field(description="These worker nodes; empty: any.")
    sample: int = Field(description="So many nodes for each route; 0: one.")


class CheckRunOut(BaseModel):
    """A run of checks over one cluster."""

    id: int
    cluster: str
    state: RunState = Field(description="running, done, or interrupted: it did not get to its end.")
    verdict: Verdict = Field(description="The worst of its results.")
    asked: AskedOut
    actor: str = Field(description="Who asked for it; `schedule`: the site file.")
    begun_at: Timestamp
    ended_at: Timestamp | None
    problem: str | None = Field(description="Why it did not get to its end.")
    doing: str | None = Field(description="What it is at, while it runs.")
    counts: dict[Verdict, int] = Field(description="How many results there are of each verdict.")
    worse: list[WorseOut] = Field(description="What is worse than it was.")
    results: list[CheckResultOut] | None = Field(
        description="In the catalogue's order; while it runs, those so far. Null in a list of runs."
    )


class CheckRunsOut(BaseModel):
    """Runs, the newest first."""

    runs: list[CheckRunOut]


def runs_out(runs: Sequence[Run]) -> CheckRunsOut:
    """Runs as JSON."""
    return CheckRunsOut(runs=[run_out(run) for run in runs])


def run_out(run: Run) -> CheckRunOut:
    """A run as JSON."""
    return CheckRunOut(
        id=run.id,
        cluster=run.cluster,
        state=run.state,
        verdict=run.verdict,
        asked=AskedOut.model_validate(run.asked.written()),
        actor=run.actor,
        begun_at=rfc3339(run.begun_at),
        ended_at=rfc3339_or_none(run.ended_at),
        problem=None if run.problem is None else redacted(run.problem),
        doing=run.doing,
        counts={verdict: run.counts.get(verdict.value, 0) for verdict in Verdict},
        worse=[_worse_out(each) for each in run.worse],
        results=None if run.results is None else [_result_out(each) for each in run.results],
    )


def _result_out(result: Result) -> CheckResultOut:
    kind = CATALOGUE.get(result.check)
    return CheckResultOut(
        check=result.check,
        name=kind.name if kind else result.check,
        title=kind.title if kind else UNKNOWN_KIND,
        family=kind.family.words if kind else "",
        verdict=result.verdict,
        where=result.where,
        seen=redacted(result.seen),
        why=kind.why if kind else "",
        todo=str(result.data.get(TODO) or (kind.todo if kind else "")),
        data={name: value for name, value in result.data.items() if name != TODO},
    )


def _worse_out(worse: Worse) -> WorseOut:
    kind = CATALOGUE.get(worse.check)
    return WorseOut(
        check=worse.check,
        name=kind.name if kind else worse.check,
        where=worse.where,
        before=worse.before,
        after=worse.after,
        seen=redacted(worse.seen),
    )
