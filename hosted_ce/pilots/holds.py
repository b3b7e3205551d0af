"""Why a pilot is held."""

from __future__ import annotations

from enum import StrEnum


class HoldCause(StrEnum):
    """The kinds of holds, stable names for factories and operators."""

    REQUESTED = "requested"
    """The factory or an operator asked for it."""
    NO_ROUTE = "no_route"
    """No route matched it for too long."""
    REFUSED = "refused"
    """The site said that it can never run there."""
    BAD_REQUEST = "bad_request"
    """What it asks for cannot be understood."""
    INPUTS = "inputs"
    """Its input files cannot be had."""
