"""What an outage is caused by, and what is to be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """From what is nearest to us to what is farthest: behind one of them nothing farther can be seen."""

    DOOR_DOWN = "door_down"
    HOST_KEY_CHANGED = "host_key_changed"
    KEY_REFUSED = "key_refused"
    LOGIN_UNREACHABLE = "login_unreachable"
    AGENT_UNUSABLE = "agent_unusable"
    BATCH_DOWN = "batch_down"
    SUBMISSIONS_REFUSED = "submissions_refused"
    QUEUE_DOWN = "queue_down"
    SQUID_DEAD = "squid_dead"
    PILOTS_FAIL = "pilots_fail"


class Mover(StrEnum):
    """Whose move it is."""

    OSG = "osg"
    SITE = "site"


class Severity(StrEnum):
    """Topology's words for how much of a resource a downtime takes."""

    OUTAGE = "Outage"
    SEVERE = "Severe"


@dataclass(frozen=True, slots=True)
class About:
    """A cause in words. `patience`: how many times the usual time it lasts before it is told."""

    title: str
    todo: str
    mover: Mover
    severity: Severity = Severity.OUTAGE
    patience: float = 1.0


ABOUT = {
    Cause.DOOR_DOWN: About(
        "Factories cannot send pilots", "run `hosted-ce front-door check` on the CE's machine", Mover.OSG
    ),
    Cause.HOST_KEY_CHANGED: About(
        "The login node shows another host key",
        "ask the site whether it has changed, by another way than this connection; then put the new key into "
        "the `known_hosts` file of the cluster", Mover.OSG, patience=0.5,
    ),
    Cause.KEY_REFUSED: About(
        "The login node refuses our key",
        "ask the site whether the account is still there, its key in `authorized_keys`, and the home mounted",
        Mover.SITE, patience=0.5,
    ),
    Cause.LOGIN_UNREACHABLE: About(
        "The login node cannot be reached", "ask the site whether it is down, or a firewall has changed",
        Mover.SITE,
    ),
    Cause.AGENT_UNUSABLE: About(
        "We can log in, and cannot work there",
        "read what it says: a full or read-only home, no Python, or another spool than before "
        "(`hosted-ce site accept-spool`)", Mover.SITE,
    ),
    Cause.BATCH_DOWN: About(
        "The batch system does not answer", "ask the site whether its batch system is down", Mover.SITE,
        patience=1.5,
    ),
    Cause.SUBMISSIONS_REFUSED: About(
        "The batch system takes no pilots",
        "read what it says: an account, a partition or a limit has changed there, or in the site file",
        Mover.OSG, patience=5,
    ),
    Cause.QUEUE_DOWN: About(
        "The queue is closed, or its nodes are down", "ask the site when it opens again", Mover.SITE,
        patience=5,
    ),
    Cause.SQUID_DEAD: About(
        "The web proxy does not fetch",
        "ask the site to look after its Squid; then run the checks again (`hosted-ce site check`)",
        Mover.SITE, Severity.SEVERE,
    ),
    Cause.PILOTS_FAIL: About(
        "All pilots fail at their start",
        "see how they end (`hosted-ce nodes`), and what the nodes lack (`hosted-ce site check`)", Mover.SITE,
        Severity.SEVERE, patience=2,
    ),
}  # fmt: skip
