"""`hosted-ce site trust`: pins the host keys that a site's hosts show and the site has confirmed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.audit.own import taken_down
from hosted_ce.cli.errors import CliError, Misuse
from hosted_ce.cli.options import StateFolder
from hosted_ce.cli.printing import note

if TYPE_CHECKING:
    from hosted_ce.first_contact.trust import Host, Shown

Fingerprints = tuple[str, ...]


def trust(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The site file.")],
    *,
    cluster: Annotated[
        str | None, typer.Option(metavar="NAME", help="The cluster, if the site has several.")
    ] = None,
    fingerprint: Annotated[
        list[str] | None,
        typer.Option(metavar="SHA256:...", help="What the site told, of a host key or a CA; repeatable."),
    ] = None,
    replace: Annotated[
        list[str] | None, typer.Option(metavar="SHA256:...", help="A pinned key that goes; repeatable.")
    ] = None,
    state_dir: StateFolder = None,
) -> None:
    """Show the host keys of login nodes and jump hosts, and pin those that the site has confirmed.

    Without --fingerprint it asks for each host what the site has sent, and compares. A key is pinned in the
    place of another one only if --replace names that one. The exit code is 0 if all are known in the end.
    """
    from hosted_ce.cli.site.cluster import cluster_in
    from hosted_ce.daemon.entry import logins_of
    from hosted_ce.first_contact.trust import hosts_of

    told, goes = tuple(fingerprint or ()), tuple(replace or ())
    for each in (*told, *goes):
        if not each.startswith("SHA256:"):
            raise Misuse(f"{each} is no fingerprint: write it as `ssh-keygen -l` prints it, SHA256:...")
    found = cluster_in(file, cluster)
    if found.ssh is None:
        raise Misuse("the CE runs on this cluster's own machine: there is no host to log in to")
    hosts = hosts_of(logins_of(found.account, found.ssh))
    settled = [_taken_down(host, told, goes, state_dir) for host in hosts]
    if not all(settled):
        raise typer.Exit(1)


def _taken_down(host: Host, told: Fingerprints, goes: Fingerprints, state: Path | None) -> bool:
    """`_settled`, with what it changed in the audit log."""
    from hosted_ce.cli.site.init.host_keys import read_known_hosts

    before = read_known_hosts(host.known_hosts).splitlines()
    settled = _settled(host, told, goes)
    after = read_known_hosts(host.known_hosts).splitlines()
    if before != after:
        taken_down(
            state, "pin_host_keys", host=host.host, file=str(host.known_hosts),
            pinned=[line for line in after if line not in before],
            removed=[line for line in before if line not in after],
        )  # fmt: skip
    return settled


def _settled(host: Host, told: Fingerprints, goes: Fingerprints) -> bool:
    """Whether this host is known in the end. One that is not reached does not keep the others from it."""
    import asyncio

    from hosted_ce.cli.site.init.host_keys import read_known_hosts
    from hosted_ce.first_contact.errors import FirstContactError
    from hosted_ce.first_contact.trust import look

    text = read_known_hosts(host.known_hosts)
    try:
        shown = asyncio.run(look(host, text))
        _tell(shown)
        return _known(shown) or _pinned(shown, text, told or _asked(), goes)
    except FirstContactError as error:
        note(f"NOT pinned: {error}")
    except ValueError as error:
        raise CliError(f"{host.known_hosts} cannot be used: {error}") from error
    return False


def _tell(shown: Shown) -> None:
    typer.echo(f"{shown.login.host} port {shown.login.port} shows")
    for key in shown.keys:
        typer.echo(f"    {key.fingerprint} ({key.kind}), {_word(shown, key.fingerprint)}")
    if signed := shown.authority:
        word = _word(shown, signed.fingerprint)
        typer.echo(f"    a certificate of the CA {signed.fingerprint}, {word}")
        if signed.trouble:
            typer.echo(f"        but {signed.trouble}")
    for fingerprint in shown.lost:
        typer.echo(f"    and not {fingerprint}, which is pinned in {shown.login.known_hosts}")


def _word(shown: Shown, fingerprint: str) -> str:
    if fingerprint in shown.revoked:
        return "revoked"
    known = [each.fingerprint for each in (*shown.known, shown.by_authority) if each]
    return "pinned" if fingerprint in known else "not pinned"


def _known(shown: Shown) -> bool:
    signed = shown.by_authority
    return not shown.revoked and (not signed.trouble if signed else bool(shown.known))


def _asked() -> Fingerprints:
    if not _somebody_there():
        raise Misuse("nobody can be asked here: give what the site has told with --fingerprint")
    said = typer.prompt("Fingerprint that the site has sent (nothing: pin none)", default="", err=True)
    return tuple(str(said).split())


def _somebody_there() -> bool:
    return sys.stdin.isatty()


def _pinned(shown: Shown, text: str, told: Fingerprints, goes: Fingerprints) -> bool:
    from hosted_ce.cli.whole_files import write_whole
    from hosted_ce.first_contact.pins import with_line, without

    login = shown.login
    if shown.revoked:
        note(
            f"NOT pinned: {login.known_hosts} says that what {login.host} shows is not to be trusted any "
            f"more: {', '.join(shown.revoked)}"
        )
        return False
    lines = shown.proven(told)
    if not lines:
        note(
            f"NOT pinned: {login.host} has none of the fingerprints that the site told; ask before you go on"
        )
        return False
    if stays := [each for each in shown.lost if each not in goes]:
        note(_in_the_way(shown, stays))
        return False
    write_whole(
        {login.known_hosts: with_line(without(text, login.host, login.port, shown.lost), *lines)}, force=True
    )
    note(f"pinned {len(lines)} of {login.host} in {login.known_hosts}")
    return True


def _in_the_way(shown: Shown, stays: Sequence[str]) -> str:
    words = " ".join(f"--replace {each}" for each in stays)
    return (
        f"NOT pinned: another host key of {shown.login.host} is pinned, and it may be the right one. When "
        f"the site has said that it was changed, give {words} as well"
    )
