"""Asks the CE what is to be seen, in a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from http import HTTPStatus

from hosted_ce.cli.client import Client
from hosted_ce.cli.errors import CliError, Refused
from hosted_ce.cli.top.screen import Document, Look, Question


def look(client: Client, question: Question, limit: int) -> Look:
    """Asks once. Raises CliError."""
    site = client.get("/site")
    pages = [client.get("/pilots", filters | {"limit": limit}) for filters in question.filters]
    pilots = sorted((pilot for page in pages for pilot in page["items"]), key=lambda pilot: -pilot["id"])
    why = _why(client, question.why) if question.why is not None else None
    return Look(
        at=time.time(),
        question=question,
        site=site,
        pilots=tuple(pilots[:limit]),
        counts=pages[-1]["counts"],
        more=len(pilots) > limit or any(page["next_cursor"] is not None for page in pages),
        why=why,
    )


def _why(client: Client, pilot_id: int) -> Document | None:
    try:
        return client.get(f"/pilots/{pilot_id}/why")
    except Refused as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None


class Fetcher:
    """Asks at once when the question changes, and again every `interval_s` seconds.

    `answers` gives what came since the last time: looks, and errors in words.
    """

    def __init__(self, ask: Callable[[Question], Look], question: Question, interval_s: float):
        self._ask, self._interval = ask, interval_s
        self._questions: queue.SimpleQueue[Question] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Look | str] = queue.SimpleQueue()
        threading.Thread(target=self._run, args=(question,), name="top", daemon=True).start()

    def ask(self, question: Question) -> None:
        """From now on this is asked."""
        self._questions.put(question)

    def answers(self) -> list[Look | str]:
        """What came."""
        found: list[Look | str] = []
        while not self._answers.empty():
            found.append(self._answers.get())
        return found

    def _run(self, question: Question) -> None:
        while True:
            try:
                self._answers.put(self._ask(question))
            except CliError as error:
                self._answers.put(str(error))
            try:
                question = self._questions.get(timeout=self._interval)
                while not self._questions.empty():
                    question = self._questions.get()
            except queue.Empty:
                continue
