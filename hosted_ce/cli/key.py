"""`hosted-ce key`: what a site allows our key to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.key_list import list_keys
from hosted_ce.cli.key_rotate import rotate
from hosted_ce.cli.options import ConfinedOption, FromOption, ProgramOption, StateFolder
from hosted_ce.cli.own_audit import taken_down
from hosted_ce.cli.printing import note

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
    )
)
def authorize(
    *,
    site: Annotated[Path, typer.Option(metavar="FILE", help="The site file.")],
    cluster: Annotated[
        str | None, typer.Option(metavar="NAME", help="The cluster, if the site has several.")
    ] = None,
    addresses: FromOption = None,
    confined: ConfinedOption = False,
    program: ProgramOption = None,
    state_dir: StateFolder = None,
) -> None:
    """Print the line that the site's administrator adds to the account's authorized_keys.

    Where jump hosts are on the way there is a line for each of them, too: it lets us through to the next host
    and runs nothing. The last line is the login nodes'.

    Without --confined the key can do at the login node what the account can, but forward nothing. With it,
    send the program as well: `hosted-ce key agent`.
    """
    from hosted_ce.authorized_keys import PROGRAM, NoPublicKey, lines_for
    from hosted_ce.cli.site_cluster import cluster_in

    if program and not confined:
        raise Misuse("--program says where the agent is installed: it goes with --confined")
    if program and not program.startswith("/"):
        raise Misuse(f"--program {program}: sshd needs a whole path, beginning with /")
    try:
        lines = lines_for(
            cluster_in(site, cluster),
            addresses=addresses or (),
            confined=confined,
            program=program or PROGRAM,
        )
    except (NoPublicKey, ValueError) as error:
        raise Misuse(str(error)) from error
    for where, line in lines:
        taken_down(state_dir, "authorize_key", cluster=cluster, where=where, line=line)
        if len(lines) > 1:
            note(f"for authorized_keys of {where}:")
        typer.echo(line)
    if confined:
        note(f"install the agent as {program or PROGRAM} first: hosted-ce key agent hosted-ce-agent")


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
