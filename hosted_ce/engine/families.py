"""Stamps of pilots that may share a job array: from one family, one after the other."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from bosco.batch.stamps import family_of, sibling
from hosted_ce.pilots.stamps import STAMP_BYTES, stamp_from


def alone(route: str, cluster: str) -> str:
    """A stamp by itself."""
    return stamp_from(secrets.token_bytes(STAMP_BYTES))


class Families:
    """Pilots of one route get stamps of one family, until as many have been given as an array may have."""

    def __init__(self, most: Callable[[str], int]):
        """`most` gives, for a cluster's name, how many pilots may share an array there."""
        self._most = most
        self._open: dict[tuple[str, str], tuple[str, int]] = {}

    def stamp(self, route: str, cluster: str) -> str:
        """One that was never given before."""
        most = self._most(cluster)
        if most == 1:
            return alone(route, cluster)
        family, given = self._open.get((route, cluster), ("", most))
        if given >= most:
            family, given = family_of(alone(route, cluster)), 0
        self._open[route, cluster] = family, given + 1
        return sibling(family, given)
