"""Requests that tests send."""

from __future__ import annotations

import base64
from typing import Any

import httpx

SCRIPT = b"#!/bin/sh\necho hello\n"
PILOTS = "/api/v1/pilots"
BATCH = f"{PILOTS}/batch"


def inline(name: str, data: bytes = SCRIPT) -> dict[str, Any]:
    """An input file whose content comes along."""
    return {"name": name, "content": base64.b64encode(data).decode()}


def a_pilot(**changes: Any) -> dict[str, Any]:
    """A good request, with changes."""
    good = {
        "executable": "pilot.sh",
        "arguments": ["-v", "std"],
        "environment": {"GLIDEIN_Site": "Example"},
        "attributes": {"xcount": 8, "maxMemory": 16000},
        "inputs": [inline("pilot.sh")],
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


async def submit(client: httpx.AsyncClient, number: int = 1, **changes: Any) -> list[int]:
    """Submits so many pilots; returns their ids."""
    answers = [await client.post(PILOTS, json=a_pilot(**changes)) for _ in range(number)]
    return [answer.raise_for_status().json()["id"] for answer in answers]


async def batch(client: httpx.AsyncClient, key: str = "k", **changes: Any) -> httpx.Response:
    """Submits many with this key: a good request, with changes."""
    return await client.post(BATCH, json=a_pilot(**changes), headers={"Idempotency-Key": key})
