"""The classes into which ends of attempts are sorted; docs/factory-operators/outcomes.md has their words."""

from __future__ import annotations

from enum import StrEnum


class EndClass(StrEnum):
    """How an attempt ended, and so whose business it is."""

    NORMAL = "normal"
    NEVER_CLAIMED = "never_claimed"
    VALIDATION_FAILED = "validation_failed"
    NO_CVMFS = "no_cvmfs"
    NO_COLLECTOR = "no_collector"
    WALLTIME = "walltime"
    MEMORY = "memory"
    PREEMPTED = "preempted"
    NODE_FAILURE = "node_failure"
    NOT_STARTED = "not_started"
    PROLOGUE_FAILED = "prologue_failed"
    VANISHED = "vanished"
    REMOVED_BY_FACTORY = "removed_by_factory"
    REMOVED_AT_SITE = "removed_at_site"
    UNKNOWN = "unknown"


NODES_FAULT = frozenset({
    EndClass.VALIDATION_FAILED, EndClass.NO_CVMFS, EndClass.NO_COLLECTOR, EndClass.NODE_FAILURE,
    EndClass.NOT_STARTED, EndClass.PROLOGUE_FAILED,
})  # fmt: skip
"""Ends that speak against the node."""
