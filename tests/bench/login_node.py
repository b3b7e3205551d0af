"""What a CE costs at a login node, counted without adding to it: programs begun, CPU time, bytes."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.chaos.proxy import Proxy
from tests.e2e.ce import LoginNode
from tests.e2e.lab import process
from tests.e2e.lab.account import Account
from tests.e2e.lab.sshd import Sshd

_INTERPRETER = """\
#!/usr/bin/python3 -SE
# Stands for python3: runs `-c CODE` as that would, and writes down every program that the code begins.
import sys
def note(event, arguments):
    if event == "subprocess.Popen":
        with open({log!r}, "a") as log:
            log.write(arguments[1][0] + "\\n")
sys.addaudithook(note)
exec(sys.argv[sys.argv.index("-c") + 1])
"""


class Campus(LoginNode, Protocol):
    """A lab's login node, with what it is made of."""

    owner: Account
    sshd: Sshd


@dataclass(frozen=True)
class Watched:
    """A login node that is reached through a proxy, and whose agent runs by a Python that counts."""

    campus: Campus
    proxy: Proxy
    known_hosts: Path
    python: Path
    host: str = "127.0.0.1"

    @property
    def port(self) -> int:
        """The proxy's."""
        return self.proxy.port

    @property
    def account(self) -> str:
        """Whose jobs the pilots are."""
        return self.campus.account

    @property
    def ce_key(self) -> Path:
        """The key that the CE logs in with."""
        return self.campus.ce_key

    def commands(self) -> Counter[str]:
        """Programs that the agent began, by name."""
        log = _log(self.python)
        names = log.read_text().split() if log.exists() else []
        return Counter(name.rpartition("/")[2] for name in names)

    def cpu_s(self) -> float:
        """CPU time of sshd, of the agents that live, and of the commands that they ran, so far."""
        listener = self.campus.sshd.listener.pid
        assert listener is not None
        return sum(spent(pid) for pid in (listener, *process.descendants(listener)))


@contextmanager
def watched(campus: Campus, folder: Path) -> Iterator[Watched]:
    """`folder` is the CE's, for the proxy's host key."""
    proxy = Proxy(campus.port)
    key = campus.known_hosts.read_text().split(maxsplit=1)[1]
    known_hosts, python = folder / "known_hosts", campus.owner.home / "counting-python"
    known_hosts.write_text(f"[127.0.0.1]:{proxy.port} {key}")
    python.write_text(textwrap.dedent(_INTERPRETER).format(log=str(_log(python))))
    python.chmod(0o755)
    try:
        yield Watched(campus, proxy, known_hosts, python)
    finally:
        proxy.close()


def spent(pid: int) -> float:
    """Seconds of CPU of a process, and of its children that have ended and theirs."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _log(python: Path) -> Path:
    return python.with_suffix(".log")
