"""`hosted-ce key`: what a site allows our key to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hosted_ce.cli.audit.own import taken_down
from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.key.lines import print_lines
from hosted_ce.cli.key.listing import list_keys
from hosted_ce.cli.key.rotate import rotate
from hosted_ce.cli.options import ConfinedOption, FromOption, ProgramOption, StateFolder
from hosted_ce.cli.printing import note

if TYPE_CHECKING:
    from hosted_ce.authorized_keys import Admission

MODE = 0o755

key = new_group(
    "What a site's administrator needs for our key: the line for authorized_keys, and the agent to install.",
    epilog=examples(
        "hosted-ce key authorize --site routes/my-site.yaml --from 192.0.2.10",
        "hosted-ce key authorize --site routes/my-site.yaml --from 192.0.2.10 --confined",
        "hosted-ce key agent hosted-ce-agent",
    ),
)


@key.command(
    epilog=examples(
        "hosted-ce key authorize --site routes/my-site.yaml --from 192.0.2.10 --from 2001:db8::/64",
        "hosted-ce key authorize --site routes/my-site.yaml --confined --program /opt/osg/hosted-ce-agent",
        "hosted-ce key authorize --site routes/my-site.yaml --host gate.example.edu > gate-keys",
    )
)
def authorize(
    *,
    site: Annotated[Path, typer.Option(metavar="FILE", help="The site file.")],
    cluster: Annotated[
        str | None, typer.Option(metavar="NAME", help="The cluster, if the site has several.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Print the line of this login node or jump host alone."),
    ] = None,
    addresses: FromOption = None,
    confined: ConfinedOption = False,
    program: ProgramOption = None,
    state_dir: StateFolder = None,
) -> None:
    """Print the line that the site's administrator adds to the account's authorized_keys.

    Where jump hosts are on the way there is a line for each of them, too, after the login nodes': it lets us
    through to the next host and runs nothing. A comment above each line says whose it is. For a script take
    one place with --host: sshd obeys the first line that a key has.

    Without --confined the key can do at the login node what the account can, but forward nothing. With it,
    send the program as well: `hosted-ce key agent`.
    """
    from hosted_ce.authorized_keys import PROGRAM

    if program and not confined:
        raise Misuse("--program says where the agent is installed: it goes with --confined")
    if program and not program.startswith("/"):
        raise Misuse(f"--program {program}: sshd needs a whole path, beginning with /")
    program = program or PROGRAM
    places = _places(site, cluster, host, addresses=addresses or (), confined=confined, program=program)
    lines, untold = _lines(places)
    for where, line in lines:
        taken_down(state_dir, "authorize_key", cluster=cluster, where=where, line=line)
    print_lines(lines, alone=len(places) == 1)
    if untold:
        raise Misuse(untold[0], *untold[1:])
    if confined:
        note(f"install the agent as {program} first: hosted-ce key agent hosted-ce-agent")


def _places(site: Path, cluster: str | None, host: str | None, **how: Any) -> list[Admission]:
    from hosted_ce.authorized_keys import NoPublicKey, admissions
    from hosted_ce.cli.site.cluster import cluster_in

    try:
        places = admissions(cluster_in(site, cluster), **how)
    except NoPublicKey as error:
        raise Misuse(str(error)) from error
    found = [each for each in places if host in (None, *each.hosts)]
    if not found:
        names = dict.fromkeys(name for each in places for name in each.hosts)
        raise Misuse(f"--host is one of: {', '.join(names)}")
    return found


def _lines(places: Sequence[Admission]) -> tuple[list[tuple[str, str]], list[str]]:
    """The lines, each with where it goes; and what is to be said of the places whose key cannot be told."""
    from hosted_ce.authorized_keys import NoPublicKey

    lines, untold = [], []
    for each in places:
        try:
            lines.append((each.where, each.line()))
        except NoPublicKey as error:
            untold.append(f"no line for {each.where}: {error}")
        except ValueError as error:
            raise Misuse(str(error)) from error
    return lines, untold


key.add_typer(rotate, name="rotate")
key.command(
    "list",
    epilog=examples(
        "hosted-ce key list --site routes/my-site.yaml", "hosted-ce key list --json --site x.yaml"
    ),
)(list_keys)


@key.command(epilog=examples("hosted-ce key agent hosted-ce-agent", "hosted-ce key agent > hosted-ce-agent"))
def agent(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to write it; standard output.")
    ] = None,
) -> None:
    """Write the agent as one program, for a site that lets our key start that and nothing else.

    It needs Python 3.6 or later and nothing besides. `hosted-ce key authorize --confined` prints the line.
    """
    from hosted_ce.authorized_keys import program_text

    if file is None:
        typer.echo(program_text(), nl=False)
        return
    try:
        file.write_text(program_text())
        file.chmod(MODE)
    except OSError as error:
        raise Misuse(f"{file} cannot be written: {error.strerror}") from error
    note(f"{file} is written: send it to the site with the line of `hosted-ce key authorize --confined`")
