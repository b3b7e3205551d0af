"""An OpenSSH server of the lab's own: own port, own host key, one account that logs in by key."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bosco.installed import agent_program, authorized_keys_line, forced_command
from tests.e2e.lab import inetd, process
from tests.e2e.lab.daemons import HOST, Daemon, Supervisor, is_listening, run
from tests.e2e.lab.options import LabOptions
from tests.witnesses import Statement


@dataclass(frozen=True)
class Sshd:
    """A running sshd."""

    port: int
    private_key: Path
    confined_key: Path
    """One that starts the agent installed here and nothing else."""
    known_hosts: Path
    listener: Daemon

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self.listener.start()

    def stop(self) -> None:
        """End the listener: new connections are refused, those that exist go on."""
        self.listener.stop()

    def testimony(self) -> Statement:
        """Its log."""
        return Statement((self.listener.log,))

    def sessions(self) -> list[int]:
        """The processes that serve the connections which exist now, also after `stop()`."""
        of_the_lab = process.descendants(self.listener.supervisor.pid)
        servers = [pid for pid in of_the_lab if process.command_name(pid).startswith("sshd")]
        return [pid for pid in servers if pid != self.listener.pid]

    def kill_sessions(self) -> None:
        """Cut every connection as a crash would; what runs at the site for it goes on."""
        for pid in self.sessions():
            process.kill(pid)


def start_sshd(
    supervisor: Supervisor,
    folder: Path,
    *,
    account: str,
    port: int,
    batch: str,
    environment: Mapping[str, str],
    options: LabOptions,
    within: Sequence[str] = (),
) -> Sshd:
    """Make the keys, write the configuration and start; `environment` is set in every session.

    `batch`: the batch system, for the agent that is installed here. `within`: what enters the host that is
    logged in to, for one of its own (`Host.enter`).
    """
    folder.mkdir(mode=0o755)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd's own chroot: it refuses to run without
    host_key, private_key = _new_key(folder / "host_key"), _new_key(folder / "id_ed25519")
    confined_key = _new_key(folder / "id_confined")
    (folder / "authorized_keys").write_text(
        "\n".join([_public(private_key), _confined(folder, confined_key, batch), ""])
    )
    known_hosts, conf = folder / "known_hosts", folder / "sshd_config"
    known_hosts.write_text(f"[{HOST}]:{port} {_public(host_key)}\n")
    conf.write_text(_sshd_config(folder, account, port, environment, options))
    listener = Daemon(supervisor, _argv(conf, port, within), folder / "sshd.log", lambda: is_listening(port))
    listener.start()
    return Sshd(port, private_key, confined_key, known_hosts, listener)


def _argv(conf: Path, port: int, within: Sequence[str]) -> Sequence[str]:
    program = "/usr/sbin/sshd"  # it wants its absolute path to run itself again
    if not within:
        return (program, "-D", "-e", "-f", str(conf))
    return (sys.executable, "-I", inetd.__file__, str(port), *within, program, "-i", "-e", "-f", str(conf))


def _sshd_config(
    folder: Path, account: str, port: int, environment: Mapping[str, str], options: LabOptions
) -> str:
    settings = " ".join(f"{name}={value}" for name, value in environment.items())
    lines = [
        *options.sshd_config_lines,
        f"ListenAddress {HOST}:{port}",
        f"HostKey {folder / 'host_key'}",
        f"PidFile {folder / 'sshd.pid'}",
        f"AuthorizedKeysFile {folder / 'authorized_keys'}",
        "StrictModes no",  # the key file is not below the account's home
        f"AllowUsers {account}",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "UsePAM no",
        "UseDNS no",
        "LogLevel VERBOSE",
        f"MaxSessions {options.max_sessions}",
        f"MaxStartups {options.max_startups}",
        f"SetEnv {settings}",
        "Subsystem sftp internal-sftp",
    ]
    return "\n".join(lines) + "\n"


def _confined(folder: Path, key: Path, batch: str) -> str:
    program = folder / "hosted-ce-agent"
    program.write_text(agent_program())
    program.chmod(0o755)
    command = forced_command(str(program), batch=batch, spool="~/hosted-ce")
    return authorized_keys_line(_public(key), command=command, addresses=(HOST,))


def _new_key(path: Path) -> Path:
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)])
    return path


def _public(key: Path) -> str:
    kind, blob, *_ = key.with_suffix(".pub").read_text().split()
    return f"{kind} {blob}"
