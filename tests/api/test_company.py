"""Idle connections of some addresses keep nobody out, and throw nobody out who is at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from hosted_ce.listening.company import Crowding
from hosted_ce.listening.connection import BoundedConnection
from hosted_ce.listening.places import Places
from hosted_ce.listening.proxies import proxies_of
from hosted_ce.listening.server import Server
from tests.api.edge import Far, app, until

HEAD = b"GET /who HTTP/1.1\r\nHost: x\r\n"
Come = Callable[[str], tuple[BoundedConnection, Far]]


@pytest.fixture
def places() -> Places:
    """One address has two of them at most."""
    return Places(8, proxies_of("10.0.0.1"))


@pytest.fixture
def ended() -> Counter[Crowding]:
    """How many connections ended for want of a place."""
    return Counter()


@pytest.fixture
def come(places: Places, ended: Counter[Crowding]) -> Come:
    """A new connection of this address."""
    server = Server(app, places, plain_http=True, crowded=lambda why: ended.update([why]))

    def made(address: str) -> tuple[BoundedConnection, Far]:
        one, far = BoundedConnection(server.config, server.server_state, {}), Far(address)
        one.connection_made(far)
        return one, far

    return made


def full(come: Come) -> list[tuple[BoundedConnection, Far]]:
    """Four addresses have all places, with nothing but half a request in each."""
    held = [come(f"192.0.2.{number}") for number in (1, 2, 3, 4) for _ in range(2)]
    for one, far in held:
        one.data_received(HEAD)
        assert not far.closing
    return held


async def answered(connection: tuple[BoundedConnection, Far]) -> None:
    """It asks, and has its answer."""
    one, far = connection
    before = far.sent.count(b"HTTP/1.1 200 ")
    one.data_received(HEAD + b"\r\n")
    await until(lambda: one.is_idle and far.sent.count(b"HTTP/1.1 200 ") > before)


async def test_who_is_longest_there_and_never_asked_makes_way(come: Come, ended: Counter[Crowding]) -> None:
    held = full(come)
    _, far = come("198.51.100.7")
    assert not far.closing
    assert [each.closing for _, each in held] == [True, *[False] * 7]
    assert held[0][1].sent.startswith(b"HTTP/1.1 503 ")
    _, this_machine = come("127.0.0.1")
    assert not this_machine.closing
    assert [each.closing for _, each in held] == [True, True, *[False] * 6]
    assert ended == {Crowding.OUSTED: 2}


async def test_strangers_who_never_ask_throw_nobody_out_who_does(come: Come) -> None:
    at_work = [come("192.0.2.1") for _ in range(2)]
    for each in at_work:
        await answered(each)
    crowd = [come(f"198.51.100.{number}") for number in range(50)]
    assert [far.closing for _, far in at_work] == [False, False]
    assert [far.closing for _, far in crowd] == [True] * 44 + [False] * 6, "they make way for each other"


async def test_who_asks_on_many_connections_throws_nobody_out_who_is_about_to_ask(come: Come) -> None:
    greedy = [come(f"192.0.2.{number}") for number in (1, 2, 3) for _ in range(2)]
    for each in greedy:
        await answered(each)
    _, about_to = come("198.51.100.7")
    await answered(come("192.0.2.4"))
    await answered(greedy[0])
    await answered(come("192.0.2.5"))
    assert not about_to.closing
    assert [far.closing for _, far in greedy] == [False, True, *[False] * 4], "it asked longest ago"


async def test_what_made_way_gives_its_place_back_once(come: Come, places: Places) -> None:
    held = full(come)
    come("198.51.100.7")
    assert places.taken == 8
    held[0][0].connection_lost(None)
    assert places.taken == 8
    held[1][0].connection_lost(None)
    assert places.taken == 7


async def test_a_request_that_is_under_way_makes_no_way(come: Come) -> None:
    held = full(come)
    for one, _ in held[:2]:
        one.data_received(b"\r\n")
    come("198.51.100.7")
    assert [each.closing for _, each in held] == [False, False, True, *[False] * 5]


async def test_nobody_makes_way_for_who_has_its_share(come: Come, ended: Counter[Crowding]) -> None:
    held = full(come)
    _, far = come("192.0.2.1")
    assert far.sent.startswith(b"HTTP/1.1 503 ")
    assert not any(each.closing for _, each in held)
    assert ended == {Crowding.FULL: 1}


async def test_proxies_and_this_machine_make_no_way(come: Come) -> None:
    held = [come(address) for address in ("10.0.0.1", "127.0.0.1") for _ in range(4)]
    _, far = come("198.51.100.7")
    assert far.sent.startswith(b"HTTP/1.1 503 ")
    assert not any(each.closing for _, each in held)
