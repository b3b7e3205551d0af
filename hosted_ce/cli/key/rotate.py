"""`hosted-ce key rotate`: a new key in the place of one in use, without a pilot's noticing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hosted_ce.cli.audit.own import taken_down
from hosted_ce.cli.errors import CliError
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.key.lines import print_lines
from hosted_ce.cli.key.places import check_logged_in, fingerprint_of, places_of, trials_of
from hosted_ce.cli.options import ConfinedOption, FromOption, Json, ProgramOption, StateFolder
from hosted_ce.cli.printing import note, print_json

if TYPE_CHECKING:
    from hosted_ce.cli.key.places import Places

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
    addresses: FromOption = None,
    confined: ConfinedOption = False,
    program: ProgramOption = None,
    public: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The public half of a key that the ssh-agent holds.")
    ] = None,
    state_dir: StateFolder = None,
) -> None:
    """Make the next key, and print the line that the site adds beside the old one.

    From now on the CE shows both keys at each login, the next one first. Said again, it prints that line.
    There is a line for each cluster and jump host of the site file that has this key.
    """
    from hosted_ce.authorized_keys import PROGRAM, NoPublicKey, admissions
    from hosted_ce.first_contact.errors import KeyTrouble
    from hosted_ce.first_contact.rotation import begin as begun

    having = places_of(site, cluster, jump)
    how: Any = {"addresses": addresses or (), "confined": confined, "program": program or PROGRAM}
    accounts = dict.fromkeys(each.account for each in having.clusters.values())
    try:
        begun(having.key, f"hosted-ce {' '.join(accounts)}", public)
        places = [admissions(one, **how) for one in having.clusters.values()]
        nodes_first = [each[0] for each in places] + [hop for each in places for hop in each[1:]]
        lines = dict.fromkeys(
            (each.where, each.line_of_next()) for each in nodes_first if each.key == having.key
        )
    except (KeyTrouble, NoPublicKey, ValueError) as error:
        raise CliError(str(error)) from error
    taken_down(state_dir, "begin_key_change", key=str(having.key), line=next(iter(lines), ("", ""))[1])
    print_lines(lines, alone=len(lines) == 1)
    note("the site adds it beside the line of the old key; then `hosted-ce key rotate status` tries it")


@rotate.command(epilog=examples("hosted-ce key rotate status --site routes/my-site.yaml"))
def status(
    site: SiteOption, cluster: ClusterOption = None, jump: JumpOption = None, json: Json = False
) -> None:
    """Try the next key alone, the whole way to each login node. Exit code 1: it is not taken everywhere."""
    found = trials_of(places_of(site, cluster, jump))
    if json:
        print_json(
            [
                {"cluster": name, "host": each.host, "works": each.said is None, "said": each.said}
                for name, each in found
            ]
        )
    else:
        for name, each in found:
            typer.echo(f"{name}: {each.host}: {'the next key works' if each.said is None else each.said}")
    if any(each.said for _, each in found):
        raise typer.Exit(1)


@rotate.command(
    epilog=examples("hosted-ce key rotate finish --site routes/my-site.yaml --state /var/lib/hosted-ce")
)
def finish(
    site: SiteOption,
    cluster: ClusterOption = None,
    jump: JumpOption = None,
    state_dir: StateFolder = None,
    without_ce: Annotated[
        bool,
        typer.Option("--without-ce", help="Also if the CE itself has not logged in by it: it does not run."),
    ] = False,
) -> None:
    """Put the next key in the place of the old one, if it works at every login node and the CE has used it.

    The old one is kept as KEY.old. Said once more when the CE has logged in by the new one, it removes that.
    """
    from hosted_ce.cli.process import settings_with
    from hosted_ce.first_contact.errors import KeyTrouble
    from hosted_ce.first_contact.rotation import finished

    places = places_of(site, cluster, jump)
    state = None if without_ce else settings_with(state=state_dir).state
    try:
        if finished(places.key):
            _let_go(places, state)
            taken_down(state_dir, "remove_old_key", key=str(places.key))
        else:
            _finish(places, state)
            taken_down(state_dir, "finish_key_change", key=str(places.key))
    except KeyTrouble as error:
        raise CliError(str(error)) from error


@rotate.command(epilog=examples("hosted-ce key rotate abort --site routes/my-site.yaml"))
def abort(
    site: SiteOption, cluster: ClusterOption = None, jump: JumpOption = None, state_dir: StateFolder = None
) -> None:
    """Remove the next key; the one in use stays."""
    from hosted_ce.first_contact.errors import KeyTrouble
    from hosted_ce.first_contact.rotation import abort as aborted

    places = places_of(site, cluster, jump)
    try:
        aborted(places.key, places.certificates)
    except KeyTrouble as error:
        raise CliError(str(error)) from error
    taken_down(state_dir, "abort_key_change", key=str(places.key))
    note(f"{places.key} stays; if the site has the line of the next key already, tell it to take that out")


def _finish(places: Places, state: Path | None) -> None:
    from hosted_ce.first_contact.key_files import next_of, old_of
    from hosted_ce.first_contact.rotation import finish as finish_files

    if refused := [(name, each) for name, each in trials_of(places) if each.said]:
        words = [f"{name}: {each.host}: {each.said}" for name, each in refused]
        raise CliError("the next key does not work everywhere yet; nothing was changed", *words)
    if state:
        check_logged_in(next_of(places.key), state, as_key=next_of(places.key))
    finish_files(places.key, places.certificates)
    note(
        f"{places.key} is the new key; the old one is kept as {old_of(places.key)}: when the CE has logged "
        "in by the new one, say finish once more"
    )


def _let_go(places: Places, state: Path | None) -> None:
    from hosted_ce.first_contact.key_files import old_of
    from hosted_ce.first_contact.rotation import let_go

    if state:
        check_logged_in(places.key, state, as_key=places.key)
    old = fingerprint_of(old_of(places.key))
    let_go(places.key, places.certificates)
    note(f"the old key is removed; tell the site to take its line out: {old}")
