"""Today's way of a pilot: schedd, Job Router, gridmanager, remote_gahp, and blahpd at the login node."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.bench.versus import incumbent_conf as conf
from tests.e2e.condor.config import Identity
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.instance import Condor, prepare
from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import run


@dataclass(frozen=True)
class SshTarget:
    """Where the CE logs in: port of loopback, private key, the site's host keys."""

    port: int
    private_key: Path
    known_hosts: Path


def install_blahpd(lab: CondorLab, site: Account) -> None:
    """What `condor_remote_cluster --add` leaves in the home of the account at the site."""
    glite, tree = site.home / conf.GLITE, lab.root
    for name in ("bin", "sbin", "lib", "log"):
        (glite / name).mkdir(parents=True)
    (site.home / "bosco/sandbox").mkdir()
    shutil.copytree(tree / "usr/libexec/blahp", glite / "libexec", symlinks=True)
    shutil.copytree(tree / "etc/blahp", glite / "etc/blahp")
    for local in (glite / "etc/blahp").glob("*_local_submit_attributes.sh"):
        link = glite / "libexec" / local.name
        link.unlink(missing_ok=True)
        link.symlink_to(f"../etc/blahp/{local.name}")
    (glite / "etc/blah.config").write_text(conf.blah_config((tree / "etc/blah.config").read_text()))
    (glite / "etc/condor_config.ft-gahp").write_text(conf.ft_gahp_config())
    shutil.copy(tree / "usr/sbin/condor_ft-gahp", glite / "bin/condor_ft-gahp")
    shutil.copy(tree / "usr/bin/blahpd", glite / "bin/blahpd")
    _bind(tree, glite / "bin/blahpd")
    run(["chown", "--recursive", "--no-dereference", f"{site.name}:{site.name}", str(site.home / "bosco")])


def start_incumbent(
    lab: CondorLab,
    site: Account,
    target: SshTarget,
    *lines: str,
    tuned: bool,
    host: str = "incumbent.lab.test",
) -> Condor:
    """A CE of that kind which runs; whoever has an IDTOKEN that it signed is let in."""
    condor_account = lab.accounts["ce"]
    login = f"login.{host}"
    _add_to_ssh_config(pilots_account(lab), login, target)
    identity = Identity(host, lab.folder / host, next(lab.ports))
    settings = (
        f"CONDOR_IDS = {condor_account.uid}.{condor_account.gid}",
        *conf.ce_config(site.name, login, str(lab.root / "usr/sbin"), tuned=tuned),
        *lines,
    )
    daemons = "MASTER COLLECTOR SCHEDD JOB_ROUTER"
    condor = prepare(lab.supervisor, lab.programs, condor_account, identity, daemons, *settings, as_root=True)
    (identity.folder / "spool").chmod(0o755)  # each pilot's own folder is in it
    condor.start()
    return condor


def let_in(lab: CondorLab, ce: Condor, factory: Factory) -> None:
    """Give the factory a token for this CE."""
    identity = f"{pilots_account(lab).name}@{conf.PILOT_DOMAIN}"
    token = run(["condor_token_create", "-identity", identity], ce.environment)  # root's is the key
    factory.condor.give_token(ce.identity.name, token.decode().strip())


def pilots_account(lab: CondorLab) -> Account:
    """Whose jobs the pilots are at the CE: a real account, since the Job Router becomes it."""
    return lab.accounts["pool"]


def _add_to_ssh_config(owner: Account, login: str, target: SshTarget) -> None:
    folder = owner.home / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    owner.own(folder)
    key = owner.write(folder / f"id_{login}", target.private_key.read_bytes())
    host_key = target.known_hosts.read_text().split(maxsplit=1)[1]
    known = owner.write(folder / f"known_{login}", f"login {host_key}".encode())
    text = conf.ssh_config(login, target.port, str(key), str(known), str(folder))
    config = folder / "config"
    # two such CEs of one lab share the account
    already = config.read_bytes() if config.exists() else b""
    owner.write(config, already + text.encode())


def _bind(tree: Path, program: Path) -> None:
    """Have a program take loader and libraries from the tree, as install-condor-root.sh does with others."""
    [libc] = tree.glob("usr/lib/*/libc.so.6")
    libraries = f"{libc.parent}:{tree / 'usr/lib'}"
    loader = tree / "lib64/ld-linux-x86-64.so.2"
    patchelf = [str(loader), "--library-path", libraries, str(tree / "usr/bin/patchelf")]
    run(
        [*patchelf, "--set-interpreter", str(loader), "--force-rpath", "--set-rpath", libraries, str(program)]
    )
