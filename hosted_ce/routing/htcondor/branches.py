"""Which of the steps between `if` and `endif` are to be run."""

from __future__ import annotations

from collections.abc import Callable


class Branches:
    """The ifs that are open, innermost last. Conditions are looked at only where that is needed."""

    def __init__(self) -> None:
        self._open: list[_Branch] = []

    @property
    def running(self) -> bool:
        """Whether every open `if` is in a branch that runs."""
        return all(branch.on for branch in self._open)

    def begin(self, condition: Callable[[], bool]) -> None:
        """An `if`."""
        on = self.running and condition()
        self._open.append(_Branch(on, on))

    def turn(self, condition: Callable[[], bool]) -> None:
        """An `elif`, or an `else` with a condition that holds."""
        branch = self._open.pop()
        on = self.running and not branch.taken and condition()
        self._open.append(_Branch(on, branch.taken or on))

    def end(self) -> None:
        """An `endif`."""
        self._open.pop()


class _Branch:
    """Whether this branch runs, and whether one of its `if` ever did."""

    __slots__ = ("on", "taken")

    def __init__(self, on: bool, taken: bool) -> None:
        self.on = on
        self.taken = taken
