"""A host of its own on this machine: its name, its addresses, its /etc and what else it sees of the disks.

Batch systems that insist on names that resolve, on addresses other than 127.0.0.1 and on their well-known
ports have their daemons here. A node is such a host in the network of the first one. All of them share the
machine's processes and users.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import ENVIRONMENT, Daemon, Supervisor, run

COMMANDS = ("unshare", "nsenter", "setpriv", "mount", "hostname", "ip")
_ADDRESS = "10.88.0.{}"
# $1: its name; $2: a file that says that it is there; $3: addresses, $4: folders and where they are seen
_BEGIN = """\
set -e
mount --make-rprivate /
printf '%s' "$4" | while read -r folder place; do mount --bind "$folder" "$place"; done
hostname "$1"
if [ -n "$3" ]; then
    ip link set lo up
    for address in $3; do ip address add "$address/32" dev lo; done
fi
touch "$2"
exec sleep infinity
"""


@dataclass(frozen=True)
class Host:
    """One that is there for as long as its lab. Its /etc is a copy, below `folder`."""

    name: str
    folder: Path
    daemon: Daemon

    @property
    def enter(self) -> tuple[str, ...]:
        """What comes before a command that is to run there."""
        return ("nsenter", f"--target={self.daemon.pid}", "--mount", "--uts", "--net", "--")

    @property
    def etc(self) -> Path:
        """Its /etc."""
        return self.folder / "etc"

    def attempt(
        self, argv: Sequence[str], environment: Mapping[str, str] | None = None, *,
        input: bytes = b"", timeout: float = 60,
    ) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
        """Runs a program there as root, whatever it answers within `timeout` seconds."""
        settings = {**ENVIRONMENT, **(environment or {})}
        return subprocess.run(
            [*self.enter, *argv],
            env=settings, input=input, capture_output=True, timeout=timeout, check=False,
        )  # fmt: skip

    def attempt_as(
        self, account: Account, argv: Sequence[str], environment: Mapping[str, str] | None = None, *,
        input: bytes = b"", timeout: float = 60,
    ) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
        """The same in the account's name, in its home."""
        become = [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
        in_home = ["sh", "-c", 'cd && exec "$@"', "sh"]
        around = {**account.environment, **(environment or {})}
        return self.attempt(["setpriv", *become, *in_home, *argv], around, input=input, timeout=timeout)


def start_host(
    supervisor: Supervisor,
    folder: Path,
    name: str,
    network: Collection[str],
    *,
    places: Mapping[Path, str] | None = None,
    beside: Host | None = None,
) -> Host:
    """A new host of that name; LabError when it does not come up.

    `network`: the names of all hosts of its network, which is a new one, or with `beside` that of another
    host. `places`: folders, and where they are to be seen there.
    """
    folder.mkdir(mode=0o755)
    run(["cp", "--archive", "/etc", str(folder / "etc")])
    addresses = {one: _ADDRESS.format(number) for number, one in enumerate(sorted(network), start=2)}
    lines = ["127.0.0.1 localhost", *(f"{address} {one}" for one, address in addresses.items())]
    (folder / "etc" / "hosts").write_text("\n".join([*lines, ""]))
    there = folder / "there"
    own = ["unshare", "--mount", "--uts", *([] if beside else ["--net"])]
    seen = {folder / "etc": "/etc", **(places or {})}
    listed = "".join(f"{inner} {place}\n" for inner, place in seen.items())
    argv = [
        *(beside.enter if beside else ()), *own, "sh", "-c", _BEGIN, "sh",
        name, str(there), "" if beside else " ".join(addresses.values()), listed,
    ]  # fmt: skip
    daemon = Daemon(supervisor, argv, folder / "host.log", there.exists)
    daemon.start()
    return Host(name, folder, daemon)
