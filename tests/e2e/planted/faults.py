"""The faults, each with the check that must find it, and no other."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.e2e.lab.daemons import run
from tests.e2e.planted.bench import LITTLE_PATIENCE, PROJECT, Planted

Plant = Callable[[Planted], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """`what` in words, as the table of the documentation has it."""

    what: str
    check: str
    plant: Plant


FAULTS: list[Fault] = []


def fault(what: str, check: str) -> Callable[[Callable[[Planted], Iterator[None]]], None]:
    """One more, which lasts as long as the generator rests."""

    def add(plant: Callable[[Planted], Iterator[None]]) -> None:
        FAULTS.append(Fault(what, check, contextmanager(plant)))

    return add


@fault("a host name that does not resolve", "SSH-1")
def _name(at: Planted) -> Iterator[None]:
    at.cluster["login"] = [{"host": "login.invalid"}]
    yield


@fault("a port that nobody listens on", "SSH-2")
def _closed(at: Planted) -> Iterator[None]:
    at.lab.sshd.stop()
    yield
    at.lab.sshd.start()


@fault("a firewall that drops what comes to the port", "SSH-2")
def _dropped(at: Planted) -> Iterator[None]:
    """Its queue is full, so that the next SYN is not answered: to a client it is the same."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        at.cluster["login"] = [{"host": "127.0.0.1", "port": full.getsockname()[1]}]
        at.patience = LITTLE_PATIENCE
        yield


@fault("another service on the port", "SSH-3")
def _other_service(at: Planted) -> Iterator[None]:
    at.cluster["login"] = [{"host": "127.0.0.1", "port": at.other_port}]
    yield


@fault("a host key that was changed", "SSH-7")
def _host_key(at: Planted) -> Iterator[None]:
    other = at.folder / "other_host_key"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)])
    public = " ".join(other.with_suffix(".pub").read_text().split()[:2])
    pinned = at.folder / "other_known_hosts"
    pinned.write_text(f"[{at.lab.host}]:{at.lab.port} {public}\n")
    at.cluster["known_hosts"] = str(pinned)
    yield
    other.unlink()


@fault("a private key that others can read", "SSH-8")
def _own_key(at: Planted) -> Iterator[None]:
    at.lab.private_key.chmod(0o644)
    yield
    at.lab.private_key.chmod(0o600)


@fault("an authorized_keys that others can write", "SSH-4")
def _key_mode(at: Planted) -> Iterator[None]:
    keys = at.home / ".ssh" / "authorized_keys"
    keys.chmod(0o666)
    yield
    keys.chmod(0o600)


@fault("an account that sshd does not let in", "SSH-4")
def _account(at: Planted) -> Iterator[None]:
    at.cluster["account"] = "nobody"
    yield


@fault("a second factor behind the key", "SSH-5")
def _factor(at: Planted) -> Iterator[None]:
    config = at.lab.folder / "sshd" / "sshd_config"
    before = config.read_text()
    more = "PasswordAuthentication yes\nAuthenticationMethods publickey,password\n"
    config.write_text(more + before)
    at.lab.sshd.stop()
    at.lab.sshd.start()
    yield
    config.write_text(before)
    at.lab.sshd.stop()
    at.lab.sshd.start()


@fault("a login shell that lets nobody in", "SSH-10")
def _nologin(at: Planted) -> Iterator[None]:
    run(["usermod", "--shell", "/usr/sbin/nologin", at.lab.account])
    yield
    run(["usermod", "--shell", "/bin/bash", at.lab.account])


@fault("a menu in the .bashrc", "SSH-10")
def _menu(at: Planted) -> Iterator[None]:
    at.patience = LITTLE_PATIENCE
    with at.bashrc("echo 'Which project? '", "read project"):
        yield


@fault("a .bashrc that prints", "SSH-9")
def _noise(at: Planted) -> Iterator[None]:
    with at.bashrc("printf 'Willkommen, dom\\344nen-benutzer\\n'"):
        yield


@fault("no Python", "OS-3")
def _python(at: Planted) -> Iterator[None]:
    at.cluster["python"] = "python-of-nowhere"
    yield


@fault("a clock that is an hour ahead", "OS-4")
def _clock(at: Planted) -> Iterator[None]:
    wrong = at.lab.owner.write(
        at.home / "python-later", b'#!/bin/sh\nexec faketime -f +1h python3 "$@"\n', 0o755
    )
    at.cluster["python"] = str(wrong)
    yield
    wrong.unlink()


@fault("a locale that is not installed", "OS-5")
def _locale(at: Planted) -> Iterator[None]:
    with at.bashrc("export LANG=de_NOWHERE.UTF-8"):
        yield


@fault("few open files allowed", "OS-6")
def _few_files(at: Planted) -> Iterator[None]:
    with at.bashrc("ulimit -n 128"):
        yield


@fault("an account among the administrators", "AC-1")
def _administrator(at: Planted) -> Iterator[None]:
    run(["gpasswd", "--add", at.lab.account, "sudo"])
    yield
    run(["gpasswd", "--delete", at.lab.account, "sudo"])


@fault("a spool on a full file system", "AC-4")
def _full(at: Planted) -> Iterator[None]:
    with at.mounted("size=64k") as place:
        with contextlib.suppress(OSError):  # that is what it is for
            (place / "filler").write_bytes(b"x" * 65536)
        yield


@fault("hardly any room left", "AC-4")
def _little_room(at: Planted) -> Iterator[None]:
    with at.mounted("size=4m"):
        yield


@fault("a spool that may not be written", "AC-6")
def _not_writable(at: Planted) -> Iterator[None]:
    place = at.home / "not-ours"
    place.mkdir(mode=0o755)
    at.cluster["spool"] = str(place / "spool")
    yield
    place.rmdir()


@fault("a spool on a file system that is read-only", "AC-6")
def _read_only(at: Planted) -> Iterator[None]:
    with at.mounted("ro"):
        yield


@fault("a spool from which no program can be run", "AC-7")
def _noexec(at: Planted) -> Iterator[None]:
    with at.mounted("size=90%,noexec,nr_inodes=100k"):
        yield


@fault("a folder above the spool that all can write", "AC-8")
def _open_folder(at: Planted) -> Iterator[None]:
    place = at.home / "open"
    place.mkdir()
    at.lab.owner.own(place).chmod(0o777)
    at.cluster["spool"] = str(place / "spool")
    yield


@fault("batch commands that are not found", "BS-3")
def _no_commands(at: Planted) -> Iterator[None]:
    programs = at.home / "programs"
    programs.mkdir()
    for name in ("python3", "sh", "echo"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    with at.bashrc(f"PATH={programs}"):
        yield


@fault("slurmctld is down", "CL-1")
def _controller(at: Planted) -> Iterator[None]:
    at.lab.slurm.stop_controller()
    yield
    at.lab.slurm.start_controller()
    at.wait_for_node()


@fault("slurmdbd is down", "CL-3")
def _records(at: Planted) -> Iterator[None]:
    at.lab.slurm.stop_dbd()
    yield
    at.lab.slurm.start_dbd()


@fault("an account without an association in Slurm", "BS-8")
def _association(at: Planted) -> Iterator[None]:
    at.manage("delete", "user", at.lab.account)
    yield
    at.associate()


@fault("a project that the account does not have", "BS-8")
def _project(at: Planted) -> Iterator[None]:
    at.request["account"] = "chemistry"
    yield


@fault("a partition that there is not", "BS-2")
def _partition(at: Planted) -> Iterator[None]:
    at.request["queue"] = "shrot"
    yield


@fault("a partition that is down", "BS-6")
def _down(at: Planted) -> Iterator[None]:
    at.control("update", "PartitionName=short", "State=DOWN")
    yield
    at.control("update", "PartitionName=short", "State=UP")


@fault("a partition for others only", "BS-6")
def _others_only(at: Planted) -> Iterator[None]:
    at.control("update", "PartitionName=short", "AllowAccounts=chemistry")
    yield
    at.control("update", "PartitionName=short", "AllowAccounts=ALL")


@fault("a walltime above the partition's", "BS-7")
def _walltime(at: Planted) -> Iterator[None]:
    at.request["walltime"] = "2h"
    yield


@fault("more cores than a node has", "BS-7")
def _cores(at: Planted) -> Iterator[None]:
    at.request["cpus"] = 1000
    yield


@fault("all nodes of the partition are down", "BS-10")
def _nodes_down(at: Planted) -> Iterator[None]:
    at.control("update", "NodeName=node01", "State=DOWN", "Reason=planted")
    yield
    at.control("update", "NodeName=node01", "State=RESUME")
    at.wait_for_node()


@fault("a feature that no node has", "BS-4")
def _feature(at: Planted) -> Iterator[None]:
    at.request["constraint"] = "infiniband"
    yield


@fault("fewer jobs allowed than the site file plans", "BS-5")
def _few_jobs(at: Planted) -> Iterator[None]:
    at.cluster["limits"] = {"pilots": 500}
    at.manage("modify", "user", f"name={at.lab.account}", f"account={PROJECT}", "set", "MaxSubmitJobs=10")
    yield
    at.manage("modify", "user", f"name={at.lab.account}", f"account={PROJECT}", "set", "MaxSubmitJobs=-1")


@fault("somebody else's jobs under the account", "BS-9")
def _other_jobs(at: Planted) -> Iterator[None]:
    asked = at.lab.run_as_account(["sbatch", "--hold", "--job-name=analysis", "--wrap=true"])
    assert asked.returncode == 0, asked.stderr
    yield
    at.lab.run_as_account(["scancel", f"--user={at.lab.account}"])


@fault("jobs are killed right after SIGTERM", "WN-4")
def _hasty(at: Planted) -> Iterator[None]:
    conf = at.lab.slurm.conf
    before = conf.read_text()
    conf.write_text(f"{before}KillWait=5\n")
    at.control("reconfigure")
    yield
    conf.write_text(before)
    at.control("reconfigure")
