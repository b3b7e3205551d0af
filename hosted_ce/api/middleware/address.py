"""Where a request comes from."""

from __future__ import annotations

from starlette.types import Scope


def address_of(scope: Scope) -> str | None:
    """From where a request comes; behind a trusted proxy, as that says."""
    client = scope.get("client")
    return client[0] if client else None
