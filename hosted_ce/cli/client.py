"""Asks a running CE. Each request may be sent twice without harm: a broken connection is tried again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from hosted_ce import __version__
from hosted_ce.cli.endpoint import START, Endpoint, find_endpoint
from hosted_ce.cli.errors import LostContact, NoRunningCe, Refused
from hosted_ce.cli.problem import later, not_a_ce, refusal
from hosted_ce.cli.process import shown

PAUSES_S = (0.3, 1.0, 3.0)
"""How long to wait before each further try."""

LATER, LATER_S = 5, 30.0
"""So many times a submission comes again when it is told to, unless that is in more than so many seconds."""

TIMEOUT_S = 30.0

_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
"""What OpenSSL calls it, also behind httpx."""

Document = dict[str, Any]
"""A JSON object as the API gives it."""


class Client:
    """The API's calls that commands need. A context; raises Refused, NoRunningCe, LostContact."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._reached = False
        self._http = httpx.Client(
            base_url=f"{endpoint.url}/api/v1",
            headers={"Authorization": f"Bearer {endpoint.token}", "User-Agent": f"hosted-ce/{__version__}"},
            timeout=_timeout(TIMEOUT_S),
            # A CE of this machine is not behind the proxy that the environment may name.
            trust_env=endpoint.state is None,
            verify=endpoint.trust,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Document:
        """The object at `path`."""
        return self._object(self._send("GET", path, params=params))

    def get_bytes(self, path: str, params: Mapping[str, Any] | None = None) -> bytes:
        """The content at `path`, unchanged."""
        return self._send("GET", path, params=params).content

    def post(self, path: str, body: Document, *, key: str) -> Document:
        """The object that this request makes, or has made before with the same key.

        Who submits many pilots is told to come later when there are too many in a second: it does.
        """
        options: dict[str, Any] = {"json": body, "headers": {"Idempotency-Key": key}}
        response = self._answer("POST", path, **options)
        for _ in range(LATER):
            pause = later(response)
            if not 0 < pause <= LATER_S:
                break
            time.sleep(pause)
            response = self._answer("POST", path, **options)
        return self._object(self._good(response))

    def ask(self, path: str, body: Document) -> Document:
        """The answer to a question that changes nothing, or whose second asking is refused."""
        return self._object(self._send("POST", path, json=body))

    def act(
        self, path: str, params: Mapping[str, Any], *, timeout: float = TIMEOUT_S, key: str | None = None
    ) -> Document:
        """What became of the object that is acted upon, `timeout` seconds at most after it was asked.

        Doing it twice is doing it once, by itself or by the key.
        """
        headers = {"Idempotency-Key": key} if key else {}
        options: dict[str, Any] = {"params": params, "headers": headers, "timeout": _timeout(timeout)}
        return self._object(self._send("POST", path, **options))

    def delete(self, path: str, params: Mapping[str, Any]) -> Document:
        """What is left of the object whose removal is asked."""
        return self._object(self._send("DELETE", path, params=params))

    def put_bytes(self, path: str, content: bytes) -> None:
        """Puts the content at `path`, which must be named after it; sends it only if it is not there."""
        if not self._has(path):
            self._send("PUT", path, content=content, headers={"Content-Type": "application/octet-stream"})

    def _has(self, path: str) -> bool:
        try:
            self._send("HEAD", path)
        except Refused as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return False
        return True

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._good(self._answer(method, path, **options))

    def _good(self, response: httpx.Response) -> httpx.Response:
        if not response.is_success:
            raise refusal(response, self._endpoint)
        return response

    def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        for pause in (*PAUSES_S, None):
            try:
                response = self._http.request(method, path, **options)
            except httpx.RequestError as error:
                self._reached |= not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if pause is None or not self._reached:
                    raise self._unreachable(error) from error
                time.sleep(pause)
            else:
                self._reached = True
                break
        return response

    def _object(self, response: httpx.Response) -> Document:
        try:
            found = response.json()
        except ValueError as error:
            raise not_a_ce(self._endpoint) from error
        if not isinstance(found, dict):
            raise not_a_ce(self._endpoint)
        return found

    def _unreachable(self, error: httpx.RequestError) -> NoRunningCe:
        url, state = self._endpoint.url, self._endpoint.state
        why = str(error) or type(error).__name__
        if self._reached:
            plain = "; a CE that has a certificate speaks https alone" if url.startswith("http:") else ""
            return LostContact(
                f"the connection to the CE at {url} breaks again and again ({why}): see its log{plain}"
            )
        if _UNTRUSTED in why:
            return NoRunningCe(
                f"what answers at {url} is not known to be the CE ({why}): check the address; on the CE's "
                "own machine name its state folder instead, with --state-dir; of a CA of your own name the "
                "file in SSL_CERT_FILE"
            )
        if state is None:
            return NoRunningCe(f"no CE answers at {url} ({why}): check the address, and that it runs")
        return NoRunningCe(
            f"no CE is running with state folder {shown(state)}: {START}",
            f"the last one was at {url}, where nothing answers now ({why})",
            "`hosted-ce logs` shows how it ended",
        )


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=5.0)


def connect(state: Path | None, url: str | None, token_file: Path | None) -> Client:
    """A client of the CE that the options or the state folder name. Raises NoRunningCe, Misuse, CliError."""
    return Client(find_endpoint(state, url, token_file))
