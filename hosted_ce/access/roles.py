"""What a caller may do, in three steps; each may do what those before it may."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role. The names are part of the API."""

    VIEWER = "viewer"
    """Reads everything that is not secret."""
    OPERATOR = "operator"
    """Acts on pilots, nodes, clusters and sessions, and sees arguments, environments and scripts."""
    ADMIN = "admin"
    """Makes and revokes tokens, and has files read that it names."""

    def covers(self, least: Role) -> bool:
        """Whether who has this role may do what needs `least`."""
        return _ORDER.index(self) >= _ORDER.index(least)


_ORDER = tuple(Role)
"""From the least on."""
