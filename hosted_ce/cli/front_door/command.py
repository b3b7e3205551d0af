"""`hosted-ce front-door`: the HTCondor that factories send pilots to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import StateFolder

SiteFile = Annotated[
    Path | None, typer.Option("--site", envvar="HOSTED_CE_SITE", metavar="FILE", help="The site file.")
]
CondorBin = Annotated[
    Path | None,
    typer.Option(
        envvar="HOSTED_CE_CONDOR_BIN",
        metavar="DIR",
        file_okay=False,
        help="Folder of HTCondor's programs.  [default: PATH and /usr/sbin]",
    ),
]
Timeout = Annotated[
    float, typer.Option("--timeout", min=1, metavar="SECONDS", help="How long to wait for it.")
]

front_door = new_group(
    "The factory's door: an HTCondor of the CE's own that takes pilots by HTCondor-C.",
    epilog=examples(
        "hosted-ce front-door start --site /etc/hosted-ce/site.yaml",
        "hosted-ce front-door check --site /etc/hosted-ce/site.yaml",
    ),
)


@front_door.command(epilog=examples("hosted-ce front-door config", "hosted-ce front-door config --print"))
def config(
    *,
    site: SiteFile = None,
    state_dir: StateFolder = None,
    condor_bin: CondorBin = None,
    show: Annotated[
        bool, typer.Option("--print", help="Print the configuration and the mapfile; write nothing.")
    ] = False,
) -> None:
    """Write the front door's configuration from the site file; a front door that runs reads it anew.

    `hosted-ce front-door start` writes it, too. Another port, address or host needs a restart.
    """
    from hosted_ce.cli.front_door.steps import opened_door, printed_texts, written

    with opened_door(site, state_dir, condor_bin, to_write=not show) as door:
        typer.echo(printed_texts(door) if show else written(door), nl=not show)


@front_door.command(epilog=examples("hosted-ce front-door start", "hosted-ce front-door start --foreground"))
def start(
    *,
    site: SiteFile = None,
    state_dir: StateFolder = None,
    condor_bin: CondorBin = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Become HTCondor's condor_master, and do not return.")
    ] = False,
    timeout: Timeout = 60.0,
) -> None:
    """Start the front door in the background, and wait until it takes pilots.

    Its configuration is written first. It goes on when this command has ended; `hosted-ce serve` looks after
    the pilots that it takes.
    """
    from hosted_ce.cli.front_door.steps import opened_door, started

    with opened_door(site, state_dir, condor_bin) as door:
        typer.echo(started(door, foreground=foreground, timeout_s=timeout))


@front_door.command(epilog=examples("hosted-ce front-door stop"))
def stop(*, state_dir: StateFolder = None, timeout: Timeout = 60.0) -> None:
    """Stop the front door that `start` started, and wait for its end.

    Pilots in its queue stay there, and those at the site go on; factories wait until it is back.
    """
    from hosted_ce.cli.front_door.steps import stopped

    typer.echo(stopped(state_dir, timeout_s=timeout))


@front_door.command(
    epilog=examples(
        "hosted-ce front-door check",
        "hosted-ce front-door check --issuers --json",
        "hosted-ce front-door check --condor-config /etc/condor-ce/condor_config",
    )
)
def check(
    *,
    site: SiteFile = None,
    state_dir: StateFolder = None,
    condor_bin: CondorBin = None,
    condor_config: Annotated[
        Path | None,
        typer.Option(
            envvar="HOSTED_CE_CONDOR_CONFIG",
            metavar="FILE",
            dir_okay=False,
            help="HTCondor's configuration of a front door that is run elsewhere.",
        ),
    ] = None,
    issuers: Annotated[
        bool, typer.Option("--issuers", help="Ask the token issuers for their keys, too.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option("--timeout", min=1, metavar="SECONDS", help="How long a daemon may take to answer."),
    ] = 20.0,
    json: Annotated[bool, typer.Option("--json", help="Print an array of findings as JSON.")] = False,
) -> None:
    """Look at the front door from all sides: files, certificate, port, daemons, rights, disk.

    Each line says pass, warn or fail, what was seen, and what to do. The exit code is 1 if anything failed.
    Run it as the service's user.
    """
    from hosted_ce.cli.front_door.check import checked, print_findings, subject_of

    subject = subject_of(site, state_dir, condor_bin, condor_config)
    findings = checked(subject, timeout_s=timeout, issuers=issuers)
    if print_findings(findings, as_json=json):
        raise typer.Exit(1)
