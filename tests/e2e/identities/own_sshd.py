"""An OpenSSH server for one test, with keys of its own; its account is whoever runs the tests."""

from __future__ import annotations

import contextlib
import getpass
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bosco.ssh.stream import Login
from tests.e2e.lab.daemons import HOST, is_listening
from tests.witnesses import Statement

START_S = 180


class OwnSshd:
    """`lines` are further lines of its configuration."""

    def __init__(self, folder: Path, *lines: str):
        self.folder, self._lines = folder, lines
        self.host_key = new_key(folder / "host_key")
        self.key = new_key(folder / "id")
        self.known_hosts = folder / "known_hosts"
        self.authorized = folder / "authorized_keys"
        self.log = folder / "sshd.log"
        self.authorize()
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port: int = free.getsockname()[1]
        self.pin(f"[{HOST}]:{self.port} {public(self.host_key)}")

    def testimony(self) -> Statement:
        """Its log."""
        return Statement((self.log,))

    def authorize(self, *lines: str) -> None:
        """What its authorized_keys has."""
        self.authorized.write_text("".join(f"{line}\n" for line in lines))

    def pin(self, *lines: str) -> None:
        """What our known_hosts has."""
        self.known_hosts.write_text("".join(f"{line}\n" for line in lines))

    def login(self, **other: object) -> Login:
        """How to log in there."""
        right = {"host": HOST, "port": self.port, "account": getpass.getuser(), "key": self.key}
        return Login(**{**right, "known_hosts": self.known_hosts, **other})  # type: ignore[arg-type]

    @contextlib.contextmanager
    def running(self) -> Iterator[OwnSshd]:
        """Runs while the block does."""
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        conf = self.folder / "sshd_config"
        conf.write_text("\n".join([*self._config(), *self._lines, ""]))
        argv = ["/usr/sbin/sshd", "-D", "-e", "-f", str(conf)]
        with self.log.open("ab") as log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
            try:
                self._wait(process)
                yield self
            finally:
                process.terminate()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_S
        while not is_listening(self.port):
            assert process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)

    def _config(self) -> list[str]:
        return [
            f"ListenAddress {HOST}:{self.port}", f"HostKey {self.host_key}", f"PidFile {self.folder}/pid",
            f"AuthorizedKeysFile {self.authorized}", "StrictModes no", "PermitRootLogin yes", "UsePAM no",
            "PasswordAuthentication no", "KbdInteractiveAuthentication no", "UseDNS no", "LogLevel VERBOSE",
        ]  # fmt: skip


def new_key(path: Path) -> Path:
    """An ed25519 key without a passphrase."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


def public(key: Path) -> str:
    """The line of its public half."""
    return " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2])


def sign(ca: Path, key: Path, *options: str) -> Path:
    """A certificate of the key, beside it, by this CA; the path of it."""
    signed = key.with_name(f"{key.name}.pub")
    subprocess.run(["ssh-keygen", "-q", "-s", str(ca), "-I", "a test", *options, str(signed)], check=True)
    return key.with_name(f"{key.name}-cert.pub")
