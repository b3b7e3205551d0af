"""The pilots of the demo: each proves by its output that its files, arguments and environment were whole."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

SCRIPT = b"""#!/bin/sh
# A stand-in for glidein_startup.sh: says where it runs, works for a while, and checks what it was given.
echo "pilot $1 of the demo, batch job $SLURM_JOB_ID on $(uname -n)"
echo "arguments: $*"
echo "greeting: $GREETING"
sleep "$2"
echo "payload: $(sha256sum payload.bin | cut -d' ' -f1)"
echo "pilot $1 is done" >&2
"""
GREETING = 'it\'s 100% whole: "quotes", $dollars and spaces'
SLEEPS = (2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class DemoPilot:
    """One pilot of the demo. Its number makes its key, so that a second run finds the first run's pilots."""

    number: int

    @property
    def key(self) -> str:
        """Its idempotency key."""
        return f"demo-{self.number:02d}"

    @property
    def _payload(self) -> bytes:
        return b"".join(hashlib.sha256(b"%d:%d" % (self.number, i)).digest() for i in range(2048))

    def submission(self) -> dict[str, Any]:
        """The request, as the REST front door takes it."""
        return {
            "executable": "pilot.sh",
            "arguments": [str(self.number), str(SLEEPS[self.number % len(SLEEPS)]), "an argument"],
            "environment": {"GREETING": GREETING},
            "attributes": {"xcount": 1, "maxMemory": 1000, "maxWallTime": 10, "GlideinEntryName": "demo"},
            "inputs": [
                {"name": "pilot.sh", "executable": True, "content": _base64(SCRIPT)},
                {"name": "payload.bin", "content": _base64(self._payload)},
            ],
        }

    def flaw(self, pilot: dict[str, Any], stdout: bytes) -> str | None:
        """What is wrong with what came back; None when it is whole."""
        if pilot["state"] != "completed":
            return f"it is {pilot['state']}: {pilot['reason']}"
        if pilot["exit_code"] != 0:
            return f"its exit code is {pilot['exit_code']}"
        wanted = (
            f"pilot {self.number} of the demo, batch job {pilot['batch_id']} on ",
            "an argument\n",
            f"greeting: {GREETING}\n",
            f"payload: {hashlib.sha256(self._payload).hexdigest()}\n",
        )
        absent = [text for text in wanted if text.encode() not in stdout]
        return f"its stdout lacks {absent[0]!r}" if absent else None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
