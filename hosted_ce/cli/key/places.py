"""Where a key is in use: every cluster and jump host of a site file that names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hosted_ce.cli.errors import CliError, Misuse

if TYPE_CHECKING:
    from hosted_ce.first_contact.key_trial import Trial
    from hosted_ce.site.cluster import Cluster, Hop, SshAccess


@dataclass(frozen=True, slots=True)
class Places:
    """`clusters`: by name, all that log in by `key` somewhere; `certificates`: named with it, each once."""

    key: Path
    clusters: Mapping[str, Cluster]
    certificates: Sequence[Path]


def places_of(site: Path, cluster: str | None, jump: str | None) -> Places:
    """Where the key of this cluster, or of this jump host of it, is in use. Raises Misuse and CliError."""
    from hosted_ce.cli.site.cluster import cluster_in, clusters_in

    key = _key(cluster_in(site, cluster), jump)
    having = {
        name: each for name, each in clusters_in(site).items() if any(way.key == key for way in _ways(each))
    }
    named = [way.certificate for each in having.values() for way in _ways(each) if way.key == key]
    return Places(key, having, list(dict.fromkeys(path for path in named if path)))


def trials_of(places: Places) -> list[tuple[str, Trial]]:
    """How each login node takes the next key, with the cluster's name. Raises CliError."""
    import asyncio

    from hosted_ce.daemon.entry import logins_of
    from hosted_ce.first_contact.errors import KeyTrouble
    from hosted_ce.first_contact.key_trial import tried

    found = []
    try:
        for name, each in places.clusters.items():
            logins = logins_of(each.account, each.ssh) if each.ssh else []
            trials = asyncio.run(tried(logins, places.key, python=each.python, spool=each.spool))
            found += [(name, trial) for trial in trials]
    except KeyTrouble as error:
        raise CliError(str(error)) from error
    return found


def check_logged_in(key: Path, state: Path, *, as_key: Path) -> None:
    """Raises CliError unless the CE itself has logged in by the key in this file, under `as_key`'s name."""
    from hosted_ce.daemon.key_uses import FOLDER, key_records

    fingerprint = fingerprint_of(key)
    known = key_records(state).get(fingerprint)
    if known is None or Path(known.key).name != as_key.name:
        raise CliError(
            f"the CE has not logged in by {as_key} yet; nothing was changed",
            f"{state / FOLDER} has no login of {fingerprint}: name the CE's state folder with --state",
            "it logs in by the key when it connects anew: restart it, running pilots go on",
            "for a CE that does not run, --without-ce leaves this out",
        )


def fingerprint_of(key: Path) -> str:
    """As ssh-keygen prints it. Raises CliError."""
    from hosted_ce.authorized_keys import NoPublicKey
    from hosted_ce.authorized_keys import fingerprint_of as found

    try:
        return found(key)
    except NoPublicKey as error:
        raise CliError(str(error)) from error


def _key(cluster: Cluster, jump: str | None) -> Path:
    if cluster.ssh is None:
        raise Misuse("the CE runs on this cluster's own machine: nobody logs in, and there is no key")
    if jump is None:
        return cluster.ssh.key
    hops = {hop.host: hop for hop in cluster.ssh.jump}
    if jump not in hops:
        raise Misuse(f"--jump is one of: {', '.join(hops) or 'none, this cluster has no jump hosts'}")
    return hops[jump].key


def _ways(cluster: Cluster) -> list[SshAccess | Hop]:
    return [cluster.ssh, *cluster.ssh.jump] if cluster.ssh else []
