"""How many files this process may have open, and how many connections there is room for then."""

from __future__ import annotations

import resource

import pytest

from hosted_ce.daemon.process.descriptors import ENOUGH, OURS, raised, room

FOREVER = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "then"),
    [
        (1024, 524288, ENOUGH), (1024, 4096, 4096), (1024, FOREVER, ENOUGH), (100_000, 524288, 100_000),
        (FOREVER, FOREVER, ENOUGH),
    ],
)  # fmt: skip
def test_the_limit_is_raised_as_far_as_is_enough(
    soft: int, hard: int, then: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = [(soft, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda what: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda what, both: limits.append(both))
    assert raised() == then
    assert limits[-1][1] == hard


def test_where_it_is_forbidden_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(what: int, both: tuple[int, int]) -> None:
        raise PermissionError

    monkeypatch.setattr(resource, "getrlimit", lambda what: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", forbidden)
    assert raised() == 1024


def test_connections_leave_room_for_us() -> None:
    assert room(1000, 65536) == 1000
    assert room(1000, 1024) == 1024 - OURS
    assert room(1000, 100) == 1
