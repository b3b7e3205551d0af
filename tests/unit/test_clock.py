"""The steady clock: as the wall clock, without its jumps."""

from __future__ import annotations

import pytest

from hosted_ce.clock import FASTEST, SLOWEST, SteadyClock


class Machine:
    """A machine whose wall clock can be set."""

    def __init__(self) -> None:
        self.wall, self.since_boot = 1_800_000_000.0, 50.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.since_boot)

    def passes(self, seconds: float) -> float:
        """Lets time pass; how much our clock saw of it."""
        before = self.clock()
        self.wall += seconds
        self.since_boot += seconds
        return self.clock() - before


def test_it_is_the_wall_clock_while_that_is_well() -> None:
    machine = Machine()
    assert machine.clock() == machine.wall
    assert machine.passes(7.25) == 7.25
    assert machine.clock() == machine.wall


def test_EN9_a_wall_clock_that_is_set_forward_ends_no_time_of_grace() -> None:
    machine = Machine()
    machine.wall += 6 * 3600
    assert machine.passes(10) == pytest.approx(10 * FASTEST)


def test_EN9_a_wall_clock_that_is_set_back_stops_none() -> None:
    machine = Machine()
    machine.wall -= 6 * 3600
    assert machine.passes(10) == pytest.approx(10 * SLOWEST)


@pytest.mark.parametrize("jump", [30.0, -30.0])
def test_in_time_they_agree_again(jump: float) -> None:
    machine = Machine()
    machine.wall += jump
    for _ in range(100):
        machine.passes(1)
    assert machine.clock() == machine.wall


def test_it_never_goes_back() -> None:
    machine = Machine()
    told = machine.clock()
    for jump in (-5.0, 3.0, -100.0, 50.0, -0.5):
        machine.wall += jump
        assert machine.clock() >= told
        machine.passes(0.1)
        told = machine.clock()
