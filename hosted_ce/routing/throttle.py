"""Slows a route down whose pilots fail, as HTCondor's FailureRateThreshold does. Pure.

HTCondor's job router changes its throttle step by step and forgets it when it restarts. Here it follows from
what happened within its own window of ten minutes, and so holds over restarts.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 600.0


@dataclass(frozen=True, slots=True)
class Recent:
    """Attempts of a route within the window: begun, ended without having run as they should, ended well."""

    begun: int = 0
    failed: int = 0
    succeeded: int = 0


def throttled(rate: float | None, recent: Recent, at_site: int) -> str | None:
    """Why no more attempts are begun now, in words; None if some may be.

    `rate` are failures a second; above it as many are begun in the window as would lead to so many failures
    if the share of failures stayed as it is, and at least one.
    """
    if rate is None or recent.failed <= rate * WINDOW_S:
        return None
    share = recent.failed / (recent.failed + recent.succeeded + at_site)
    most = max(1, int(rate * WINDOW_S / share))
    if recent.begun < most:
        return None
    return (
        f"{recent.failed} of its pilots failed within {WINDOW_S / 60:.0f} minutes, so at most {most} are "
        f"submitted in that time, and {recent.begun} were"
    )
