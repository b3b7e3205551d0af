"""How large many pilots are when each is written out, counted before any work is done for them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hosted_ce.api.problems.kinds import REQUEST_TOO_LARGE
from hosted_ce.api.problems.problem import Problem
from hosted_ce.pilots.spec import PilotSpec


class Room:
    """Takes pilots until they are more than `most` bytes; what is shared, `one` has, and is measured once.

    Bytes as the database has them: JSON in ASCII, where an emoji is twelve. A pilot that differs may be
    counted a few more than it has, and none fewer. Methods raise Problem.
    """

    def __init__(self, one: PilotSpec, most: int):
        self._most, self._taken, self._pilots = most, 0, 0
        self._one = _size(one.model_dump(mode="json"))
        self._arguments = _size(one.arguments)
        self._variables = {name: _member(name, value) for name, value in one.environment.items()}
        self._attributes = {name.lower(): _member(name, value) for name, value in one.attributes.items()}

    def take(
        self,
        number: int = 1,
        *,
        arguments: tuple[str, ...] | None = None,
        environment: Mapping[str, str] | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """So many pilots, with these in place of what is shared or besides it."""
        size = self._one if arguments is None else self._one - self._arguments + _size(arguments)
        size += _more(environment or {}, self._variables, set(environment or ()))
        size += _more(attributes or {}, self._attributes, {name.lower() for name in attributes or ()})
        self._pilots, self._taken = self._pilots + number, self._taken + number * size
        if self._taken > self._most:
            raise self._too_large()

    def _too_large(self) -> Problem:
        return Problem(
            REQUEST_TOO_LARGE,
            f"{self._pilots} such pilots are {self._taken} bytes when each is written out, above the limit "
            f"of {self._most}: send fewer in one request, and the others in further ones with `first` behind "
            "the last number",
        )


def _size(value: Any) -> int:
    return len(json.dumps(value))


def _member(name: str, value: Any) -> int:
    return _size(name) + len(": ") + _size(value) + len(", ")


def _more(given: Mapping[str, Any], shared: Mapping[str, int], names: set[str]) -> int:
    replaced = sum(shared[name] for name in names & shared.keys())
    return sum(_member(name, value) for name, value in given.items()) - replaced
