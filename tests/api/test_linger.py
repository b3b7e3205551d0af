"""Answers to requests whose body nobody read: the order of things, without a server."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from hosted_ce.api.middleware import linger
from hosted_ce.api.middleware.linger import Linger

PIECE = b"x" * 1000


class Client:
    """A client that sends pieces of a body, and hears messages."""

    def __init__(self, pieces: int, *, gone_after: int | None = None):
        self.left, self.gone_after = pieces, gone_after
        self.heard: list[Message] = []
        self.read_after_answer = 0

    async def receive(self) -> Message:
        if self.gone_after == 0:
            return {"type": "http.disconnect"}
        if self.gone_after is not None:
            self.gone_after -= 1
        self.left -= 1
        self.read_after_answer += bool(self.heard)
        return {"type": "http.request", "body": PIECE, "more_body": self.left > 0}

    async def send(self, message: Message) -> None:
        self.heard.append(message)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("no")(scope, receive, send)


async def read_all_and_answer(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["more_body"]:
        pass
    await answer(scope, receive, send)


def scope(**headers: str) -> Scope:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "POST", "path": "/", "headers": raw}


def connection_of(client: Client) -> bytes | None:
    return dict(client.heard[0]["headers"]).get(b"connection")


@pytest.mark.parametrize("headers", [{"content_length": "5000"}, {"transfer_encoding": "chunked"}])
async def test_the_answer_goes_out_whole_before_the_rest_is_read(headers: dict[str, str]) -> None:
    client = Client(5)
    await Linger(answer)(scope(**headers), client.receive, client.send)
    assert [message["type"] for message in client.heard] == ["http.response.start"] + [
        "http.response.body"
    ] * 2
    assert connection_of(client) == b"close"
    assert [(part["body"], part["more_body"]) for part in client.heard[1:]] == [(b"no", True), (b"", False)]
    assert (client.left, client.read_after_answer) == (0, 5)


async def test_a_body_that_was_read_keeps_the_connection() -> None:
    client = Client(5)
    await Linger(read_all_and_answer)(scope(content_length="5000"), client.receive, client.send)
    assert connection_of(client) is None
    assert client.read_after_answer == 0
    assert len(client.heard) == 2


@pytest.mark.parametrize("headers", [{}, {"content_length": "0"}])
async def test_without_a_body_nothing_is_read(headers: dict[str, str]) -> None:
    client = Client(1)
    await Linger(answer)(scope(**headers), client.receive, client.send)
    assert (client.left, connection_of(client)) == (1, None)


async def test_a_client_that_goes_away_is_not_waited_for() -> None:
    client = Client(10**9, gone_after=3)
    await Linger(answer)(scope(content_length="1"), client.receive, client.send)
    assert client.read_after_answer == 3


async def test_an_endless_body_is_not_read_for_ever() -> None:
    client, seconds = Client(10**9), iter(range(1000))
    await Linger(answer, clock=lambda: next(seconds))(scope(content_length="1"), client.receive, client.send)
    assert client.read_after_answer == linger.LINGER_S - 1
    assert client.heard[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_silence_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linger, "SILENCE_S", 0)
    client = Client(5)

    async def silence() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    await Linger(answer)(scope(content_length="1"), silence, client.send)
    assert client.heard[-1]["more_body"] is False
