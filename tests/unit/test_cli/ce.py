"""A small HTTP server that answers like a CE's API, keeps what it was asked, and can break connections."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-token-of-this-test"
CREATED = "2026-03-01T12:30:00.125Z"

Answer = tuple[int, bytes, str]
"""Status, body, content type."""


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Ce:
    """What the server has and does. `break_next` connections are cut after the request was carried out."""

    asked: list[Asked] = field(default_factory=list)
    pilots: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    outputs: dict[tuple[int, str], bytes] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    """Answers to give instead, by method and path."""
    life: list[dict[str, Any]] = field(default_factory=list)
    """What is to happen to pilots: one change for each time that one is looked at."""
    named: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """Which pilots a filter of the list finds, by its name and value."""
    break_next: int = 0
    later_next: int = 0
    """So many submissions are told to come in `retry_after`, and not carried out."""
    retry_after: str = "7"
    url: str = ""

    def add(self, **fields: Any) -> dict[str, Any]:
        """A new pilot with these fields."""
        self.pilots.append(pilot(len(self.pilots) + 1, **fields))
        return self.pilots[-1]

    def calls(self, method: str) -> list[Asked]:
        """The requests with this method."""
        return [asked for asked in self.asked if asked.method == method]

    def write_state(self, folder: Path, token: str = TOKEN) -> None:
        """Writes the state folder of a running CE."""
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "endpoint").write_text(f"{self.url}\n")
        (folder / "token").write_text(f"{token}\n")
        (folder / "token").chmod(0o600)

    def answer(self, asked: Asked) -> Answer:
        """Carries the request out."""
        if given := self.answers.get((asked.method, asked.path)):
            return given
        if self.later_next and asked.method == "POST":
            self.later_next -= 1
            return problem(429, "Too many requests", "too many pilots come with this token")
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return problem(401, "Not authorized", "the token is not this CE's")
        where, *rest = asked.path.removeprefix("/api/v1/").split("/")
        calls: dict[Any, Callable[..., Answer]] = {
            ("pilots", 0, "POST"): self._submit,
            ("pilots", 0, "GET"): self._page,
            ("pilots", 1, ""): self._batch if rest == ["batch"] else self._one,
            ("pilots", 2, ""): self._output,
            ("files", 1, ""): self._file,
        }
        return calls[where, len(rest), "" if rest else asked.method](asked, *rest)

    def _submit(self, asked: Asked) -> Answer:
        key = asked.headers["Idempotency-Key"]
        known = key in self.keys
        if not known:
            self.keys[key] = self.add(executable=asked.json["executable"])["id"]
        return found(self.pilots[self.keys[key] - 1], 200 if known else 201)

    def _batch(self, asked: Asked, _: str) -> Answer:
        body, base = asked.json, asked.headers["Idempotency-Key"]
        items = []
        for number in range(body["first"], body["first"] + body.get("count", len(body.get("pilots", ())))):
            key, known = f"{base}-{number}", f"{base}-{number}" in self.keys
            if not known:
                self.keys[key] = self.add(executable=body["executable"])["id"]
            one = self.pilots[self.keys[key] - 1]
            items.append({"id": one["id"], "door_key": key, "created": not known, "state": one["state"]})
        created = sum(item["created"] for item in items)
        return found({"created": created, "items": items}, 201 if created else 200)

    def _page(self, asked: Asked) -> Answer:
        states, limit = asked.query.get("state"), int(asked.query["limit"][0])
        before = int(asked.query.get("cursor", ["1000000"])[0])
        older = [p for p in self.pilots if p["id"] < before and (not states or p["state"] in states)]
        for kind, values in self.named.items():
            if value := asked.query.get(kind):
                older = [self.pilots[n - 1] for n in reversed(values.get(value[0], []))]
        page = older[::-1][:limit]
        cursor = str(page[-1]["id"]) if len(older) > limit else None
        return found({"items": page, "next_cursor": cursor, "counts": {}})

    def _one(self, asked: Asked, text: str) -> Answer:
        number = int(text)
        if number > len(self.pilots):
            return problem(404, "No such pilot", f"there is no pilot {number}")
        one = self.pilots[number - 1]
        if asked.method == "DELETE":
            one["reason"] = f"to be removed: {asked.query.get('reason', ['-'])[0]}"
            return found(one, 202)
        if self.life:
            one.update(self.life.pop(0))
        return found(one | {"history": HISTORY, "attempts": []})

    def _output(self, asked: Asked, number: str, name: str) -> Answer:
        content = self.outputs.get((int(number), name))
        if content is None:
            return problem(404, "No output", f"pilot {number} is idle: its {name} is not here yet")
        return 200, content, "application/octet-stream"

    def _file(self, asked: Asked, checksum: str) -> Answer:
        if asked.method == "PUT":
            self.files[checksum] = asked.body
            return found({"sha256": checksum, "bytes": len(asked.body)}, 201)
        return (200, b"", "text/plain") if checksum in self.files else problem(404, "No such file", "")


HISTORY = [
    {
        "at": "2026-03-01T12:30:00.125Z",
        "what": "received",
        "actor": "rest:operator",
        "state": "idle",
        "reason": None,
    }
]


def pilot(number: int, **fields: Any) -> dict[str, Any]:
    """A pilot as the API gives it."""
    unknown = dict.fromkeys(
        (
            "route",
            "cluster",
            "stamp",
            "batch_id",
            "node",
            "outcome",
            "outcome_class",
            "outcome_evidence",
            "exit_code",
            "exit_signal",
            "reason",
            "entry",
            "started_at",
            "finished_at",
            "factory",
            "vo",
            "cores",
        )
    )
    return {
        "id": number,
        "state": "idle",
        "stage": "waiting",
        "goal": "run",
        "owner": "operator",
        "door": "rest",
        "executable": "job.sh",
        "attributes": {},
        "created_at": CREATED,
        **unknown,
        **fields,
    }


def found(value: Any, status: int = 200) -> Answer:
    """An answer with this JSON."""
    return status, json.dumps(value).encode(), "application/json"


def problem(status: int, title: str, detail: str, **more: Any) -> Answer:
    """An answer with problem details."""
    body = {"type": "/problems/x", "title": title, "status": status, "detail": detail, **more}
    return status, json.dumps(body).encode(), "application/problem+json"


class Running:
    """A context in which the CE is served on a free port of the loopback."""

    def __init__(self, ce: Ce) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(ce))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        ce.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(ce: Ce) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            where = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, where.path, parse_qs(where.query), dict(self.headers), body)
            ce.asked.append(asked)
            status, content, kind = ce.answer(asked)
            if ce.break_next:
                ce.break_next -= 1
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if status == 429:
                self.send_header("Retry-After", ce.retry_after)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any

        def log_message(self, *_: object) -> None:
            pass

    return Handler
