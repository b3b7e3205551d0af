"""`hosted-ce key rotate`: a new key in the place of one in use, without a pilot's noticing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.errors import CliError, Misuse
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import Json
from hosted_ce.cli.printing import note, print_json

if TYPE_CHECKING:
    from hosted_ce.first_contact.rotation import Trial
    from hosted_ce.site.cluster import Cluster

SiteOption = Annotated[Path, typer.Option("--site", metavar="FILE", help="The site file.")]
ClusterOption = Annotated[
    str | None, typer.Option("--cluster", metavar="NAME", help="The cluster, if the site has several.")
]
JumpOption = Annotated[
    str | None,
    typer.Option("--jump", metavar="HOST", help="The key of this jump host, not the login nodes'."),
]

rotate = new_group(
    "Change a key: make the next one, see it work beside the one in use, put it in its place.",
    epilog=examples(
        "hosted-ce key rotate begin --site routes/my-site.yaml --from 192.0.2.10",
        "hosted-ce key rotate status --site routes/my-site.yaml",
        "hosted-ce key rotate finish --site routes/my-site.yaml",
    ),
)


@dataclass(frozen=True, slots=True)
class _Place:
    cluster: Cluster
    key: Path
    certificate: Path | None


@rotate.command(
    epilog=examples(
        "hosted-ce key rotate begin --site routes/my-site.yaml --from 192.0.2.10 --confined",
        "hosted-ce key rotate begin --site routes/my-site.yaml --public new-token.pub",
    )
)
def begin(
    *,
    site: SiteOption,
    cluster: ClusterOption = None,
    jump: JumpOption = None,
    addresses: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="ADDRESS", help="Where the CE connects from: address or network."),
    ] = None,
    confined: Annotated[
        bool,
        typer.Option("--confined", help="The key may start the agent that the site has installed, only."),
    ] = False,
    program: Annotated[
        str | None, typer.Option(metavar="PATH", help="Where the site has installed it, with --confined.")
    ] = None,
    public: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The public half of a key that the ssh-agent holds.")
    ] = None,
) -> None:
    """Make the next key, and print the line that the site adds beside the old one.

    From now on the CE shows both keys at each login, the next one first. Said again, it prints that line.
    """
    from hosted_ce.authorized_keys import PROGRAM, NoPublicKey, lines_for_next
    from hosted_ce.first_contact.errors import KeyTrouble
    from hosted_ce.first_contact.rotation import begin as begun

    place = _place(site, cluster, jump)
    try:
        begun(place.key, f"hosted-ce {place.cluster.account}", public)
        lines = lines_for_next(
            place.cluster, place.key, addresses=addresses or (), confined=confined, program=program or PROGRAM
        )
    except (KeyTrouble, NoPublicKey, ValueError) as error:
        raise CliError(str(error)) from error
    for where, line in lines:
        note(f"for authorized_keys of {where}, beside the line of the old key:")
        typer.echo(line)
    note("then `hosted-ce key rotate status` tries it")


@rotate.command(epilog=examples("hosted-ce key rotate status --site routes/my-site.yaml"))
def status(
    site: SiteOption, cluster: ClusterOption = None, jump: JumpOption = None, json: Json = False
) -> None:
    """Try the next key alone, the whole way to each login node. Exit code 1: it is not taken everywhere."""
    found = _trials(_place(site, cluster, jump))
    if json:
        print_json([{"host": each.host, "works": each.said is None, "said": each.said} for each in found])
    else:
        for each in found:
            typer.echo(f"{each.host}: {'the next key works' if each.said is None else each.said}")
    if any(each.said for each in found):
        raise typer.Exit(1)


@rotate.command(epilog=examples("hosted-ce key rotate finish --site routes/my-site.yaml"))
def finish(site: SiteOption, cluster: ClusterOption = None, jump: JumpOption = None) -> None:
    """Put the next key in the place of the old one, which is removed, if it works at every login node."""
    from hosted_ce.authorized_keys import public_half
    from hosted_ce.first_contact.errors import KeyTrouble
    from hosted_ce.first_contact.rotation import finish as finished

    place = _place(site, cluster, jump)
    if refused := [each for each in _trials(place) if each.said]:
        words = [f"{each.host}: {each.said}" for each in refused]
        raise CliError("the next key does not work everywhere yet; nothing was changed", *words)
    old = public_half(place.key).get_fingerprint()
    try:
        finished(place.key, place.certificate)
    except KeyTrouble as error:
        raise CliError(str(error)) from error
    note(f"{place.key} is the new key; tell the site to take the line of the old one out: {old}")


@rotate.command(epilog=examples("hosted-ce key rotate abort --site routes/my-site.yaml"))
def abort(site: SiteOption, cluster: ClusterOption = None, jump: JumpOption = None) -> None:
    """Remove the next key; the one in use stays."""
    from hosted_ce.first_contact.errors import KeyTrouble
    from hosted_ce.first_contact.rotation import abort as aborted

    place = _place(site, cluster, jump)
    try:
        aborted(place.key)
    except KeyTrouble as error:
        raise CliError(str(error)) from error
    note(f"{place.key} stays; if the site has the line of the next key already, tell it to take that out")


def _place(site: Path, cluster: str | None, jump: str | None) -> _Place:
    from hosted_ce.cli.site_cluster import cluster_in

    found = cluster_in(site, cluster)
    if found.ssh is None:
        raise Misuse("the CE runs on this cluster's own machine: nobody logs in, and there is no key")
    if jump is None:
        return _Place(found, found.ssh.key, found.ssh.certificate)
    hops = {hop.host: hop for hop in found.ssh.jump}
    if jump not in hops:
        raise Misuse(f"--jump is one of: {', '.join(hops) or 'none, this cluster has no jump hosts'}")
    return _Place(found, hops[jump].key, hops[jump].certificate)


def _trials(place: _Place) -> list[Trial]:
    from hosted_ce.daemon.entry import logins_of
    from hosted_ce.first_contact.errors import KeyTrouble
    from hosted_ce.first_contact.rotation import tried

    cluster = place.cluster
    logins = logins_of(cluster.account, cluster.ssh) if cluster.ssh else []
    try:
        return asyncio.run(tried(logins, place.key, python=cluster.python, spool=cluster.spool))
    except KeyTrouble as error:
        raise CliError(str(error)) from error
