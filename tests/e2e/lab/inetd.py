"""Takes connections on loopback and starts a program for each (a program: `inetd.py PORT ARGV...`).

The program may live in another network namespace: a connection that was taken here is one there, too.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

_BACKLOG = 128


def main(port: int, argv: Sequence[str]) -> None:
    """Serves for ever. The program has its connection as standard input and output."""
    with socket.create_server(("127.0.0.1", port), backlog=_BACKLOG) as listener:
        while True:
            connection, _ = listener.accept()
            with connection:
                wire = connection.fileno()
                child = subprocess.Popen(argv, stdin=wire, stdout=wire, start_new_session=True)
            child.returncode = 0  # _reap() collects it, not this object
            _reap()


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
