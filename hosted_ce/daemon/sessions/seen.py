"""Views of the site and pilots as sessions see them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hosted_ce.api.ports.ramps import RampView
from hosted_ce.api.views import ClusterView, Contact
from hosted_ce.checks.catalogue import CATALOGUE
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Run, RunState
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.sessions.lasting import first_seen, unsettled
from hosted_ce.pilots.pilot import Attempt, Outcome, Pilot
from hosted_ce.pilots.states import FINAL, State
from hosted_ce.session.facts import CheckRun, PilotSeen, Place, RampSeen
from hosted_ce.session.found import Fault

_DOORS = {"condor": "the front door", "rest": "REST"}


def place(cluster: ClusterView) -> Place:
    """Whether jobs can be submitted there."""
    tried = cluster.contact is not Contact.NOT_YET
    if cluster.contact is Contact.READY and cluster.submitting:
        return Place(cluster.name, None, cluster.since)
    why = cluster.problem or cluster.closed_reason or cluster.state_reason
    return Place(
        cluster.name, why or ("it does not submit" if tried else "not tried yet"), cluster.since, tried
    )


def check_run(run: Run, before: Sequence[Run] = ()) -> CheckRun:
    """What a run of checks found: those that failed, then those that warn.

    `before`: earlier ones of the session, the newest first: what they found of checks that this one did not
    look at still stands.
    """
    old = unsettled(run, before)
    bad = [each for each in run.results or () if each.verdict.badness] + list(old)
    faults = [
        replace(_fault(each), since=first_seen(each, (run, *before)))
        for each in sorted(bad, key=lambda each: -each.verdict.badness)
    ]
    return CheckRun(
        id=run.id, cluster=run.cluster, begun_at=run.begun_at, ended_at=run.ended_at, counts=dict(run.counts),
        faults=tuple(faults), unlooked=len(old), progress=run.doing,
        broke=(run.problem or "it was interrupted") if run.state is RunState.INTERRUPTED else None,
    )  # fmt: skip


def _fault(result: Result) -> Fault:
    kind = CATALOGUE[result.check]
    where = f" ({result.where})" if result.where else ""
    return Fault(
        f"{result.check}{where}", f"{result.check} {kind.title}{where}", result.seen, kind.todo,
        severe=result.verdict is Verdict.FAIL,
    )  # fmt: skip


def ramp(view: RampView) -> RampSeen:
    """Where a ramp stands, and what it waits for."""
    state = view.state
    return RampSeen(
        view.route, state.cap, view.rules.target, state.mode.value, state.since, view.outlook.said
    )


def pilot(found: Pilot) -> PilotSeen:
    """How far a pilot came."""
    attempt = found.attempt
    over = found.state in FINAL
    return PilotSeen(
        id=found.id, state=found.state.value, came_at=found.created_at,
        came_by=_DOORS.get(found.door, found.door), what=str(found.spec.get("executable", "")),
        route=attempt.route if attempt else None,
        batch_id=attempt.batch_id if attempt else None,
        node=attempt.node if attempt else None,
        routed_at=attempt.created_at if attempt else None,
        started_at=attempt.started_at if attempt else None,
        ended_at=_ended(found, attempt) if over else None,
        over=over, well=_well(found), ended=_ending(attempt) if over else None, why=found.reason,
    )  # fmt: skip


def _well(found: Pilot) -> bool:
    attempt = found.attempt
    if attempt is None or found.state is not State.COMPLETED:
        return False
    return attempt.outcome is Outcome.EXITED and attempt.exit_code == 0 and attempt.stdout_bytes is not None


def _ended(found: Pilot, attempt: Attempt | None) -> float | None:
    return attempt.ended_at if attempt and attempt.ended_at is not None else found.finished_at


def _ending(attempt: Attempt | None) -> str | None:
    if attempt is None:
        return None
    told = [
        f"exit code {attempt.exit_code}" if attempt.exit_code is not None else None,
        attempt.outcome.value.replace("_", " ") if attempt.outcome not in (None, Outcome.EXITED) else None,
        attempt.outcome_class.value.replace("_", " ") if attempt.outcome_class else None,
    ]
    return ", ".join(word for word in told if word) or None
