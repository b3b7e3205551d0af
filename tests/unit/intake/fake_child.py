"""A child program for the tests: speaks the frames, and hangs, dies or talks nonsense when it is told to."""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
from typing import Any


def answer(operation: str, arguments: dict[str, Any]) -> bytes:
    """The answer's bytes, without their length."""
    match operation:
        case "echo":
            said: dict[str, Any] = {"ok": arguments}
        case "pid":
            said = {"ok": os.getpid()}
        case "environment":
            said = {"ok": os.environ.get(arguments["name"])}
        case "refuse":
            said = {"refused": "HTCondorException: no"}
        case "fail":
            said = {"error": "HTCondorException: Failed to connect to schedd."}
        case "nonsense":
            return b"no JSON"
        case "die":
            os._exit(3)
        case _:
            threading.Event().wait()
            raise AssertionError
    return json.dumps(said).encode()


def main() -> None:
    """Until standard input ends."""
    while head := sys.stdin.buffer.read(4):
        request = json.loads(sys.stdin.buffer.read(*struct.unpack("!I", head)))
        data = answer(request["operation"], request["arguments"])
        sys.stdout.buffer.write(struct.pack("!I", len(data)) + data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
