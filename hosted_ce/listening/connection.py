"""One HTTP connection: uvicorn's, with bounds for what it leaves unbounded.

uvicorn waits for ever for a request that does not come, and for a client that takes no answer; and it takes a
head of any size.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hosted_ce.listening.company import Company
from hosted_ce.listening.exposure import may_come
from hosted_ce.listening.taking import Taking
from hosted_ce.listening.watched import Watched

LARGEST_HEAD = 64 * 1024
"""Bytes of a request's first line and headers, and of a body's trailers."""
HEAD_S = 15.0
"""Seconds in which a request's head must be here, from the connection or its first byte on."""


class BoundedConnection(HttpToolsProtocol):
    """Needs `company`, `clear_to` and `date` of its configuration: `hosted_ce.listening.server` has them."""

    below: asyncio.Transport | None = None
    """With TLS the transport that it goes over."""
    _waiting: asyncio.TimerHandle | None = None
    _taking: Taking
    _refusal: HTTPStatus = HTTPStatus.BAD_REQUEST
    _unread = _head = _parts = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """It has come; who may not, or has no place, is told so before anything is read."""
        below = self.below or transport
        self._taking = Taking(below, self.loop)
        super().connection_made(Watched(transport, below, self._taking))
        address = self.client[0] if self.client else ""
        if not self._welcome(address):
            self._end(HTTPStatus.FORBIDDEN)
            return
        if not self._company.come(self, address):
            self._end(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        super().connection_lost(exc)
        self._stop_waiting()
        self._taking.stop()
        self._company.go(self)

    def eof_received(self) -> None:
        """The client says nothing more: asyncio closes the connection when what is left is taken."""
        super().eof_received()
        self._taking.last()

    def data_received(self, data: bytes) -> None:
        """Some of a request."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        parts = self._parts
        super().data_received(data)
        self._unread = self._unread + len(data) if self._in_head and parts == self._parts else 0
        if self._unread > LARGEST_HEAD and not self.transport.is_closing():
            self._end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._head = True, 0
        self._wait()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Some of its address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, or a trailer."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its head is here."""
        self._in_head, self._parts = False, self._parts + 1
        self._stop_waiting()
        self._company.asked(self)
        self.server_state.default_headers = [cast(Any, self.config).date()]
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is here whole: what comes next is a head."""
        self._in_head, self._parts = True, self._parts + 1  # the end of a body is no head
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What the parser refused: by its own rules, or since `_count` did."""
        self._end(self._refusal)

    def pause_writing(self) -> None:
        """The client takes less than there is to send."""
        super().pause_writing()
        self._taking.begin()

    def resume_writing(self) -> None:
        """It has taken what there was."""
        super().resume_writing()
        self._taking.enough()

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way; one whose head is not whole has not begun."""
        return self.cycle is None or self.cycle.response_complete

    def make_way(self) -> None:
        """Another connection has its place now."""
        self._end(HTTPStatus.SERVICE_UNAVAILABLE)

    @property
    def _company(self) -> Company:
        return cast(Company, cast(Any, self.config).company)

    def _welcome(self, address: str) -> bool:
        proxies = cast(Any, self.config).clear_to
        own = self.server[0] if self.server else ""
        return proxies is None or may_come(address, own, proxies)

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > LARGEST_HEAD:
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError("the head is too large")  # the parser passes it on as its own error

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_S, self._end, HTTPStatus.REQUEST_TIMEOUT)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _end(self, status: HTTPStatus) -> None:
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # an answer is under way: nothing can be said in the midst of it
            return
        more = "Retry-After: 10\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii"))
        self.transport.close()
