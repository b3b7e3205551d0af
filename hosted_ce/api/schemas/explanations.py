"""Explanations as JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from hosted_ce.api.ports.explaining import Explanation, JobView, LimitsView, TrialOutcome, TrialView, Whose
from hosted_ce.api.schemas.site import LimitsOut, UsageOut


class LimitsInForceOut(BaseModel):
    """Limits that are in force now, and how much of them is used."""

    whose: Whose = Field(
        description="Whose pilots they count: all of the `route`, those of the pilot's `vo` on it, or all at "
        "the `cluster`."
    )
    name: str = Field(description="The name of the route, the VO, or the cluster.")
    limits: LimitsOut
    submits: int | None = Field(description="Most pilots that are begun within a minute; null: no limit.")
    usage: UsageOut


class TrialOut(BaseModel):
    """One route, and what became of it."""

    route: str
    language: str = Field(description="In which language it was written: site, or htcondor.")
    cluster: str
    when: str | None = Field(description="The ClassAd expression that picks pilots; null: every pilot.")
    outcome: TrialOutcome = Field(
        description="`taken`: it takes the pilot. `full`: it would, had it room. `no`: it does not match. "
        "`failed`: it matches, and cannot make a job of the pilot. `not_tried`: a route before it takes the "
        "pilot, or makes it wait."
    )
    obstacle: str | None = Field(description="The clause that was not true, or the limit that is used up.")
    limits: list[LimitsInForceOut] = Field(description="Empty for a route that was not tried.")


class JobOut(BaseModel):
    """A batch job, as it is submitted."""

    route: str
    cluster: str
    attempt: int | None = Field(
        description="Which attempt of the pilot it is of; null: none, it is what would be submitted."
    )
    stamp: str = Field(
        description="The batch job's name at the site. Of a job that would be submitted: one that none has."
    )
    ask: dict[str, Any] = Field(description="What is asked of the site: memory in MB, walltime in seconds.")
    folder: str = Field(
        description="The job's folder at the site. Before the site was reached, its beginning is as in the "
        "site file."
    )
    argv: list[str] = Field(description="The command that submits it, run in the folder.")
    directives: list[str] = Field(
        description="The lines for the batch system: of the script; with HTCondor, of the submit description."
    )
    script: str = Field(
        description="The batch script. Where the site is asked which one fits, as with PBS, the first."
    )
    script_base64: str | None = Field(
        description="The script's bytes where they are not UTF-8, and `script` has U+FFFD in their place."
    )


class ExplanationOut(BaseModel):
    """Where a pilot would go now, and why; and the batch job that it has, or would get."""

    pilot_id: int | None = Field(description="Null for a pilot that might come.")
    account: str | None = Field(
        description="The account that its submitter is mapped to; null: any cluster takes it."
    )
    vo: str = Field(description="The VO whose limits it counts against.")
    route: str | None = Field(description="The route that takes it now; null: none does.")
    waits_for: str | None = Field(
        description="The route that will take it when there is room; null: it waits for none."
    )
    cluster: str | None = Field(description="The cluster of that route.")
    reason: str = Field(description="All of it in one line.")
    unroutable: bool = Field(description="Whether no route would take it even if all had room.")
    trials: list[TrialOut] = Field(description="Every route, in the order in which they are tried.")
    kept_back: list[str] = Field(
        description="What else is in the way of a submission now: a refused route, a paused or unreachable "
        "cluster, a hold."
    )
    notes: list[str] = Field(description="Steps of the route that were passed over for this pilot.")
    ad: dict[str, str] = Field(
        description="The routed job's attributes as HTCondor prints them; empty when no route takes it."
    )
    job: JobOut | None = Field(
        description="The batch job of the pilot's attempt or, while it waits, the one that would be "
        "submitted; null when no route takes it."
    )


def explanation_out(found: Explanation) -> ExplanationOut:
    """The explanation as JSON."""
    plain = {
        name: getattr(found, name)
        for name in (
            "pilot_id", "account", "vo", "route", "waits_for", "cluster", "reason", "unroutable", "kept_back",
            "notes", "ad",
        )
    }  # fmt: skip
    return ExplanationOut(
        **plain,
        trials=[_trial_out(trial) for trial in found.trials],
        job=_job_out(found.job) if found.job else None,
    )


def _trial_out(trial: TrialView) -> TrialOut:
    limits = [_limits_out(limit) for limit in trial.limits]
    return TrialOut(
        route=trial.route, language=trial.language, cluster=trial.cluster, when=trial.when,
        outcome=trial.outcome, obstacle=trial.obstacle, limits=limits,
    )  # fmt: skip


def _limits_out(limit: LimitsView) -> LimitsInForceOut:
    return LimitsInForceOut(
        whose=limit.whose, name=limit.name, submits=limit.submits,
        limits=LimitsOut(**asdict(limit.caps)), usage=UsageOut(**asdict(limit.usage)),
    )  # fmt: skip


def _job_out(job: JobView) -> JobOut:
    text = job.script.decode("utf-8", "replace")
    exact = text.encode() == job.script
    return JobOut(
        route=job.route, cluster=job.cluster, attempt=job.attempt, stamp=job.stamp, ask=_plain(job.ask),
        folder=job.folder, argv=list(job.argv), directives=list(job.directives),
        script=text, script_base64=None if exact else base64.b64encode(job.script).decode(),
    )  # fmt: skip


def _plain(ask: Mapping[str, Any]) -> dict[str, Any]:
    """With texts that JSON can carry: a route's files need not be UTF-8."""
    return {_text(name): _plain_value(value) for name, value in ask.items()}


def _plain_value(value: Any) -> Any:
    match value:
        case str():
            return _text(value)
        case Mapping():
            return _plain(value)
        case list() | tuple():
            return [_plain_value(each) for each in value]
        case _:
            return value


def _text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
