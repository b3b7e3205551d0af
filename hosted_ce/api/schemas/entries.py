"""Entries as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Outcome
from hosted_ce.pilots.states import State
from hosted_ce.store.entries import MOST_ENTRIES, EntrySummary, Pending, Why


class ReasonOut(BaseModel):
    """So many pilots have the same reason."""

    reason: str | None
    pilots: int
    since: Timestamp = Field(description="Since when the first of them is in its state.")


class HeldOut(ReasonOut):
    """So many pilots are held for the same reason."""

    hold_cause: HoldCause | None


class PendingOut(BaseModel):
    """So many pilots are in a cluster's queue for the same reason, in the batch system's own words."""

    cluster: str
    route: str
    site_state: str | None = Field(
        description="The batch system's word for their state.", examples=["PENDING"]
    )
    site_reason: str | None = Field(description="And for why they wait.", examples=["QOSMaxJobsPerUserLimit"])
    pilots: int
    since: Timestamp | None = Field(description="When the first of them was submitted.")


class EntryOut(BaseModel):
    """A factory's entry in short, as condor_q would sum it up."""

    name: str | None = Field(description="`GlideinEntryName`; null: of the pilots that name no entry.")
    factories: list[str] = Field(description="Which factories sent pilots of it (`GlideinFactory`).")
    counts: dict[State, int] = Field(description="How many pilots are in each state.")
    idle_since: Timestamp | None = Field(description="Since when the one that is idle for longest is idle.")
    last_started_at: Timestamp | None = Field(description="When one was seen to begin to run last.")
    last_completed_at: Timestamp | None
    held: list[HeldOut] = Field(description="Why pilots are held, the most frequent reasons first.")
    outcomes: dict[Outcome, int] = Field(
        description="How batch jobs ended in this hour and the 24 before; those that did not are left out."
    )
    nonzero_exits: int = Field(description="How many of them had an exit code other than 0.")


class RouteCountsOut(BaseModel):
    """The pilots of an entry that a route has."""

    route: str | None = Field(description="Null: none has taken them.")
    counts: dict[State, int]


class EntryDetail(EntryOut):
    """A factory's entry, and why its pilots wait."""

    routes: list[RouteCountsOut]
    idle: list[ReasonOut] = Field(description="Why pilots are idle, the most frequent reasons first.")
    pending: list[PendingOut] = Field(description="What the batch systems say of those in their queues.")


class EntriesOut(BaseModel):
    """All entries."""

    entries: list[EntryOut]
    left_out: int = Field(description=f"Entries beyond the first {MOST_ENTRIES} by name.")
    totals: dict[State, int] = Field(description="The pilots of all of them, also of those left out.")


def entries_out(found: Sequence[EntrySummary]) -> EntriesOut:
    """All entries as JSON."""
    totals = {state: sum(entry.counts[state] for entry in found) for state in State}
    shown = [EntryOut(**_entry(entry)) for entry in found[:MOST_ENTRIES]]
    return EntriesOut(entries=shown, left_out=len(found) - len(shown), totals=totals)


def entry_detail(entry: EntrySummary, idle: Sequence[Why], pending: Sequence[Pending]) -> EntryDetail:
    """One entry as JSON."""
    routes = [
        RouteCountsOut(route=name or None, counts=counts) for name, counts in sorted(entry.routes.items())
    ]
    why = [ReasonOut(reason=each.reason, pilots=each.pilots, since=rfc3339(each.since)) for each in idle]
    return EntryDetail(
        **_entry(entry), routes=routes, idle=why, pending=[pending_out(each) for each in pending]
    )


def pending_out(pending: Pending) -> PendingOut:
    """Pilots in a queue as JSON."""
    return PendingOut(
        cluster=pending.cluster, route=pending.route, site_state=pending.state, site_reason=pending.reason,
        pilots=pending.pilots, since=rfc3339_or_none(pending.since),
    )  # fmt: skip


def _entry(entry: EntrySummary) -> dict[str, Any]:
    held = [
        HeldOut(reason=each.reason, pilots=each.pilots, since=rfc3339(each.since), hold_cause=each.cause)
        for each in entry.held
    ]
    return {
        "name": entry.name, "factories": sorted(entry.factories), "counts": entry.counts,
        "idle_since": rfc3339_or_none(entry.idle_since),
        "last_started_at": rfc3339_or_none(entry.last_started_at),
        "last_completed_at": rfc3339_or_none(entry.last_completed_at),
        "held": held, "outcomes": entry.outcomes, "nonzero_exits": entry.nonzero,
    }  # fmt: skip
