"""What log lines and events have in common, so that one leads to the other: carried by the context."""

from __future__ import annotations

from structlog.contextvars import bound_contextvars, get_contextvars

bound = bound_contextvars
"""While the block runs, every log line of this context has these facts. Tasks that it begins inherit them."""


def request_id() -> str | None:
    """The id of the HTTP request that is being answered; None: there is none."""
    found = get_contextvars().get("request_id")
    return None if found is None else str(found)
