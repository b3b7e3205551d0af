"""A node with homes of its own copies files to the login node by scp, as PBS does it by default."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import Daemon, Supervisor, run
from tests.e2e.lab.host import Host


def let_the_node_copy(supervisor: Supervisor, owner: Account, login: Host, home: Path) -> None:
    """Starts an sshd for the site's own machines, and gives the account a key in its `home` on the node."""
    folder, ssh = made(login.folder / "copies"), owner.own(made(home / ".ssh"))
    host_key, key = folder / "host_key", ssh / "id_ed25519"
    for path in (host_key, key):
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)])
    owner.own(key)
    (ssh / "known_hosts").write_text(f"{login.name} {host_key.with_suffix('.pub').read_text()}")
    (folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    (folder / "sshd_config").write_text(_sshd_config(folder, owner))
    argv = [*login.enter, "/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "sshd_config")]
    listening = ["sh", "-c", "ss -Hltn sport = :22 | grep -q ."]
    Daemon(supervisor, argv, folder / "sshd.log", lambda: login.attempt(listening).returncode == 0).start()


def made(folder: Path) -> Path:
    """The folder, which is a new one that everybody may enter."""
    folder.mkdir(mode=0o755)
    return folder


def _sshd_config(folder: Path, owner: Account) -> str:
    lines = [
        f"HostKey {folder / 'host_key'}",
        f"PidFile {folder / 'sshd.pid'}",
        f"AuthorizedKeysFile {folder / 'authorized_keys'}",
        "StrictModes no",
        f"AllowUsers {owner.name}",
        "PasswordAuthentication no",
        "UsePAM no",
        "Subsystem sftp internal-sftp",
    ]
    return "\n".join(lines) + "\n"
