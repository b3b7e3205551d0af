"""`hosted-ce route`: where a pilot goes, and why; routes of an HTCondor-CE, checked and tried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.route.explain import explain, render

if TYPE_CHECKING:
    from hosted_ce.routing.htcondor.config import Config
    from hosted_ce.routing.htcondor.place import Finding

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="HTCondor-CE's configuration files, in the order it reads them."),
]

route = new_group(
    "See which route takes a pilot, why, and its batch script; check and try the routes of an HTCondor-CE.",
    epilog=examples(
        "hosted-ce route explain 4711",
        "hosted-ce route render --site routes/my-site.yaml xcount=8",
        "hosted-ce route lint /etc/condor-ce/config.d/*.conf",
        "hosted-ce route try /etc/condor-ce/config.d/*.conf --ad pilot.ad",
    ),
)


@route.command(
    epilog=examples(
        "hosted-ce route lint /etc/condor-ce/config.d/*.conf",
        "hosted-ce route lint --mapfile /etc/condor-ce/mapfiles.d/10-scitokens.conf",
    )
)
def lint(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="HTCondor-CE's configuration files, in the order it reads them."),
    ] = None,
    mapfiles: Annotated[
        list[Path] | None,
        typer.Option(
            "--mapfile", metavar="FILE", help="A mapfile; several in the order in which it reads them."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print an array of findings as JSON.")] = False,
) -> None:
    """Check HTCondor-CE's routes and mapfiles: what it refuses, and what it takes in silence and does not do.

    Prints FILE:LINE: ... lines. The exit code is 0 if there are at most warnings, otherwise 1.
    """
    from hosted_ce.routing.htcondor.lint.mapfile import check_mapfiles
    from hosted_ce.routing.htcondor.lint.rules import check_config

    if not files and not mapfiles:
        raise Misuse("name HTCondor-CE's configuration files, or mapfiles with --mapfile")
    names = {str(file) for file in files or ()}
    found = (
        [finding for finding in check_config(_read(files)) if finding.place.file in names] if files else []
    )
    found += check_mapfiles((str(file), _text(file)) for file in mapfiles or ())
    if json:
        print_json([_as_json(finding) for finding in found])
    else:
        for finding in found:
            typer.echo(finding.describe())
        if not found:
            note("no problems found")
    if any(finding.severity == "error" for finding in found):
        raise typer.Exit(1)


@route.command("try", epilog=examples("hosted-ce route try routes.conf --ad pilot.ad"))
def try_(
    files: Files,
    ad: Annotated[
        Path, typer.Option("--ad", metavar="FILE", help="The pilot's ad, as `condor_q -l` prints it.")
    ],
) -> None:
    """Print which route of an HTCondor-CE takes a pilot, why others do not, and the ad that it makes.

    HTCondor-CE's own defaults come before the files. The exit code is 1 if no route takes the pilot.
    """
    from hosted_ce.routing.htcondor.ad_text import AdTextError, read_ad, write_ad
    from hosted_ce.routing.htcondor.matching import choose
    from hosted_ce.routing.htcondor.router import load_router, route_ad
    from hosted_ce.routing.htcondor.run import TransformFailed

    router = load_router(_read(files)).router
    if router is None:
        raise Misuse("HTCondor-CE would route nothing with these files: see `hosted-ce route lint`")
    try:
        pilot = read_ad(_text(ad), str(ad))
        choice = choose(router.routes, router.constraint, pilot)
        for trial in choice.trials:
            note(f"{trial.route}: {trial.obstacle or 'takes it'}")
        if choice.route is None:
            raise typer.Exit(1)
        routed = route_ad(router, choice.route, pilot)
    except (AdTextError, TransformFailed) as error:
        raise Misuse(str(error)) from error
    for each in routed.notes:
        note(str(each))
    typer.echo(write_ad(routed.ad), nl=False)


route.command(
    epilog=examples(
        "hosted-ce route explain 4711",
        "hosted-ce route explain xcount=8 maxMemory=16000 'queue=osg' --account osg01",
        "hosted-ce route explain --ad pilot.ad",
        "hosted-ce route explain --site routes/my-site.yaml --ad pilot.ad xcount=16",
    )
)(explain)
route.command(
    epilog=examples(
        "hosted-ce route render 4711",
        "hosted-ce route render --site routes/my-site.yaml xcount=8 maxWallTime=60 > job.sh",
    )
)(render)


def _read(files: Sequence[Path]) -> Config:
    from hosted_ce.routing.htcondor.defaults import ce_defaults
    from hosted_ce.routing.htcondor.read import read_config

    return read_config([ce_defaults(), *((str(file), _text(file)) for file in files)])


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror}") from error


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.place.file,
        "line": finding.place.line,
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
    }
