"""The client of the campaign: asks for pilots as a factory does, until the CE has said yes."""

from __future__ import annotations

import base64
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.chaos.truth import Asked
from tests.e2e.ce import Ce

PATIENCE_S = 240.0


class Factory:
    """Repeats a request with its idempotency key until it is answered."""

    def __init__(self, ce: Ce, script: str, dice: random.Random, *, at_once: int = 1):
        """`at_once`: how many pilots come at the same time."""
        self._ce, self._dice, self._at_once = ce, dice, at_once
        self._content = base64.b64encode(script.encode()).decode()
        self.ids: dict[str, int] = {}
        """The CE's number of each pilot, by name."""

    def pilot(self, name: str, *, longest: float) -> Asked:
        """A pilot like any other."""
        dice = self._dice
        return Asked(name, dice.uniform(0, longest), dice.choice([0, 0, 0, 3, 42]), dice.randrange(1, 200))

    def submit(self, pilot: Asked) -> None:
        """Returns when the CE has it. Raises TimeoutError when it never says so."""
        body = {
            "executable": "pilot.sh", "arguments": pilot.arguments, "attributes": {"maxWallTime": 10},
            "inputs": [{"name": "pilot.sh", "executable": True, "content": self._content}],
        }  # fmt: skip
        deadline = time.monotonic() + PATIENCE_S
        while (answer := self._post(body, pilot.name)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the CE never took pilot {pilot.name}")
            time.sleep(0.2)
        self.ids[pilot.name] = answer["id"]

    def stream(self, pilots: list[Asked], seconds: float) -> threading.Thread:
        """Submits them one after the other, about so long, beside whatever happens."""

        def flow() -> None:
            for at in range(0, len(pilots), self._at_once):
                time.sleep(self._dice.uniform(0, 2 * seconds * self._at_once / len(pilots)))
                with ThreadPoolExecutor(self._at_once) as clients:
                    list(clients.map(self.submit, pilots[at : at + self._at_once]))

        thread = threading.Thread(target=flow, name="factory")
        thread.start()
        return thread

    def _post(self, body: dict[str, Any], key: str) -> dict[str, Any] | None:
        try:
            url = (self._ce.state / "endpoint").read_text().strip()
            token = (self._ce.state / "token").read_text().strip()
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            answer = httpx.post(f"{url}/api/v1/pilots", json=body, headers=headers, timeout=30)
        except (OSError, httpx.HTTPError):
            return None  # it is down: that is what the campaign is about
        if answer.is_client_error:
            raise AssertionError(f"the CE refuses a pilot: {answer.text}")
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found
