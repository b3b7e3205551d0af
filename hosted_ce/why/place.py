"""The cluster of a pilot that has an attempt. Pure."""

from __future__ import annotations

from hosted_ce.why.facts import Facts, Place


def place_of(facts: Facts) -> Place:
    """The cluster, of a pilot that has an attempt. Raises ValueError."""
    if facts.place is None:
        raise ValueError(f"nothing is known of the cluster of pilot {facts.pilot.id}")
    return facts.place
