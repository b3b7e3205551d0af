"""A way into the campus that only one CE takes: an sshd of its own, behind a proxy that counts bytes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.versus.cpu import CpuGroup, cpu_group
from tests.bench.versus.family import Fact, accepts
from tests.bench.versus.watcher import Watch
from tests.chaos.proxy import Proxy
from tests.e2e.lab import process
from tests.e2e.lab.daemons import HOST
from tests.e2e.lab.site import Lab
from tests.e2e.lab.sshd import Sshd, start_sshd


@dataclass(frozen=True)
class Gate:
    """The login node as one CE sees it; its sshd's processes and bytes are that CE's doing."""

    label: str
    lab: Lab
    sshd: Sshd
    proxy: Proxy
    known_hosts: Path
    watch: Watch
    cpu: CpuGroup
    host: str = HOST

    @property
    def port(self) -> int:
        """The proxy's."""
        return self.proxy.port

    @property
    def account(self) -> str:
        """Whose jobs the pilots are."""
        return self.lab.account

    @property
    def ce_key(self) -> Path:
        """The key that the CE logs in with."""
        return self.sshd.private_key

    def cpu_s(self) -> float:
        """CPU seconds so far of sshd, of its sessions, and of all that they ran."""
        return self.cpu.seconds()

    def bytes(self) -> tuple[int, int]:
        """Bytes so far, to the login node and back."""
        there, back = self.proxy.passed
        return there, back

    def facts(self, since: float) -> list[Fact]:
        """What its processes did since then."""
        return self.watch.facts(self.label, since)

    def accepted(self, since: float) -> list[float]:
        """When sbatch ended well, each time since then."""
        return [fact.at for fact in self.facts(since) if accepts(fact)]


@contextmanager
def opened(label: str, lab: Lab, port: int, watch: Watch) -> Iterator[Gate]:
    """A gate for as long as the context lasts; its sshd ends with the lab."""
    folder = lab.folder / f"sshd-{label}"
    sshd = start_sshd(
        lab.sshd.listener.supervisor,
        folder,
        account=lab.account,
        port=port,
        batch="slurm",
        environment=lab.slurm.environment,
        options=lab.options,
    )
    assert sshd.listener.pid is not None
    watch.follow(sshd.listener.pid, label)
    proxy = Proxy(port)
    known_hosts = folder / "known_hosts.proxy"
    known_hosts.write_text(f"[{HOST}]:{proxy.port} {sshd.known_hosts.read_text().split(maxsplit=1)[1]}")
    with cpu_group(label) as cpu:
        cpu.join(sshd.listener.pid)
        try:
            yield Gate(label, lab, sshd, proxy, known_hosts, watch, cpu)
        finally:
            proxy.close()
            _end(sshd.listener.pid)


def _end(listener: int) -> None:
    """sshd and every session, with what runs in it."""
    for pid in [*process.descendants(listener), listener]:
        process.end(pid, with_signal=signal.SIGKILL)
