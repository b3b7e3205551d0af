"""How a command asks the server."""

from __future__ import annotations

import json
import os
import socket
from typing import Any


class Away(Exception):
    """There is no server."""


def ask(folder: str, do: str, **more: Any) -> Any:
    """The answer. Raises Away; hangs, as real ones do, when the server is stopped by a signal."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect("socket")
            os.fchdir(here)
            with connection.makefile("rwb") as stream:
                stream.write(json.dumps({"do": do, **more}).encode() + b"\n")
                stream.flush()
                line = stream.readline()
    except (ConnectionError, FileNotFoundError) as error:
        raise Away from error
    finally:
        os.fchdir(here)
        os.close(here)
    if not line:
        raise Away
    return json.loads(line)
