"""Views of the site and pilots as sessions see them. Pure."""

from __future__ import annotations

from hosted_ce.api.services import ClusterView, Contact
from hosted_ce.pilots.pilot import Attempt, Outcome, Pilot
from hosted_ce.pilots.states import FINAL, State
from hosted_ce.session.facts import PilotSeen, Place

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
