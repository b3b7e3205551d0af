"""How many files and sockets this process may have open."""

from __future__ import annotations

import resource
from contextlib import suppress

ENOUGH = 65536
OURS = 256
"""For databases, logins and files: connections are not to take them."""


def raised() -> int:
    """Raises the limit as far as this process may, and as is enough. What it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # forbidden: then there is room for fewer
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    now = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return ENOUGH if now == resource.RLIM_INFINITY else now


def room(connections: int, limit: int) -> int:
    """How many connections there may be of so many that are wished."""
    return max(1, min(connections, limit - OURS))
