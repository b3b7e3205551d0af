"""What the daemon spends on the arrival of a pilot, alone or with many: python -m tests.bench.intake

The real server in a process of its own, on SQLite, with the daemon's listeners, log and audit log, and
without an engine. CPU time of the process is counted, from the request's bytes to its answer. The ways take
turns.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from hosted_ce.audit.file import AuditFile
from hosted_ce.audit.log import AuditLog
from hosted_ce.daemon import event_lines
from hosted_ce.daemon.auditing import DoorAudit
from hosted_ce.daemon.process.held import leave_alone_what_stays
from hosted_ce.logs import configure_logs, log_file
from hosted_ce.metrics import Metrics
from hosted_ce.redaction import Redactor
from hosted_ce.settings import Settings
from tests.api import serve
from tests.api.requests import BATCH, PILOTS, a_pilot
from tests.api.world import TOKEN

MANY, CLIENTS = 1000, 8
WARM_S = 2.0
"""Less than the first round takes, which warms up."""
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "8"))
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
Way = Callable[[httpx.Client, str], None]


def one_by_one(client: httpx.Client, key: str) -> None:
    """A request for each."""
    for number in range(MANY):
        _post(client, PILOTS, f"{key}-{number}", a_pilot())


def side_by_side(client: httpx.Client, key: str) -> None:
    """The same by eight at once: they share commits."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda n: _post(client, PILOTS, f"{key}-{n}", a_pilot()), range(MANY)))


def counted(client: httpx.Client, key: str) -> None:
    """One request for equal ones."""
    _post(client, BATCH, key, a_pilot(count=MANY))


def each_different(client: httpx.Client, key: str) -> None:
    """One request, with arguments and an attribute of each one's own."""
    each = [{"arguments": [str(n)], "attributes": {"GlideinProc": n}} for n in range(MANY)]
    _post(client, BATCH, key, a_pilot(pilots=each))


WAYS: dict[str, Way] = {
    "a request for each": one_by_one,
    "the same, eight clients": side_by_side,
    "one request, `count`": counted,
    "one request, `pilots`": each_different,
}


def _post(client: httpx.Client, path: str, key: str, body: dict[str, Any]) -> None:
    client.post(path, json=body, headers={"Idempotency-Key": key}).raise_for_status()


def main() -> None:
    """Measures and prints a table."""
    spent: dict[str, list[float]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (address, pid):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=address, headers=headers, timeout=120) as client:
            for number in range(ROUNDS + 1):
                for name, send in WAYS.items():
                    before = cpu_s(pid)
                    send(client, f"{name}-{number}")
                    if number:  # the first round warms up
                        spent[name].append(1000 * (cpu_s(pid) - before) / MANY)
    print(f"CPU of the daemon for each of {MANY} pilots, ms; load {os.getloadavg()[0]:.0f}")
    for name, found in spent.items():
        print(f"{name:<24} mean {statistics.mean(found):6.3f}  [{min(found):.2f}..{max(found):.2f}]")


def cpu_s(pid: int) -> float:
    """Seconds of CPU time that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, int]]:
    """The address of a server in a process of its own, and that process."""
    argv = [sys.executable, "-m", __spec__.name, "serve", str(folder)]
    with (folder / "stderr").open("w") as log, subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().strip(), process.pid
        process.stdin.close()


async def served(folder: Path) -> None:
    """What runs there."""
    settings, redactor = Settings(state=folder), Redactor()
    configure_logs(settings, redactor=redactor)
    audit = AuditLog(AuditFile(folder / "audit.jsonl", 1 << 24, 2), redactor, time.time)
    listeners = (Metrics(dict).changes, event_lines.tell, DoorAudit(audit).changes)
    limits = {"max_batch": MANY, "max_request": settings.max_request}
    asyncio.get_running_loop().call_later(WARM_S, leave_alone_what_stays)  # as the daemon does
    with log_file(settings, redactor):
        syncing = asyncio.create_task(audit.run())
        await serve.main(folder, *listeners, audit=audit, **limits)
        syncing.cancel()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(served(Path(sys.argv[2])))
    else:
        main()
