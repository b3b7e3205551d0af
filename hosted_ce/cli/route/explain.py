"""`hosted-ce route explain` and `render`: where a pilot goes, why, and its batch script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.errors import CliError, Misuse, SiteFileRefused
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_bytes, print_json

if TYPE_CHECKING:
    from hosted_ce.api.bodies.hypothetical import HypotheticalPilot
    from hosted_ce.cli.client import Document

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID | NAME=VALUE...]",
        help="A pilot's number, or attributes of one that might come: numbers, true and false are taken as "
        "such, unless in double quotes. They go over those of --ad.",
    ),
]
AdFile = Annotated[
    Path | None,
    typer.Option("--ad", metavar="FILE", help="A pilot's ad, as `condor_q -l` prints it."),
]
Account = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The account that its submitter is mapped to.  [default: any account]"),
]
SiteFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Go by this site file, as if the site was empty, instead of asking the running CE.",
    ),
]


def explain(
    *,
    words: Words = None,
    ad: AdFile = None,
    account: Account = None,
    site: SiteFile = None,
    routed: Annotated[
        bool, typer.Option("--routed", help="Print the routed job's ad, too: what a route made of it.")
    ] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Explain where a pilot goes: each route in order, which clause was false or which limit is full.

    The exit code is 0 if a route takes it, or will when there is room, otherwise 1.
    """
    from hosted_ce.cli.route.explanation import print_explanation

    found = _explained(words or [], ad, account, site, (state_dir, url, token_file))
    if json:
        print_json(found)
    else:
        print_explanation(found, routed=routed)
    if not (found["route"] or found["waits_for"]):
        raise typer.Exit(1)


def render(
    *,
    words: Words = None,
    ad: AdFile = None,
    account: Account = None,
    site: SiteFile = None,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Print a pilot's batch script: the one of its attempt or, while it waits, the one that it would get.

    It has the pilot's arguments and environment in it, which may hold secrets. When no route takes the pilot
    the explanation is printed on stderr, and the exit code is 1.
    """
    from base64 import b64decode

    from hosted_ce.cli.route.explanation import explanation_lines

    found = _explained(words or [], ad, account, site, (state_dir, url, token_file))
    job = found["job"]
    if job is None:
        for line in explanation_lines(found):
            note(line)
        raise typer.Exit(1)
    if job["folder"].startswith("~"):
        note("the site was not asked where its ~ is: what begins with it is a full path there")
    print_bytes(b64decode(job["script_base64"]) if job["script_base64"] else job["script"].encode())


def _explained(
    words: list[str],
    ad: Path | None,
    account: str | None,
    site: Path | None,
    where: tuple[StateFolder, Url, TokenFile],
) -> Document:
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.route.asked_pilot import asked_pilot

    if len(words) == 1 and words[0].isdecimal():
        if ad or account or site:
            raise Misuse(f"pilot {words[0]} has its own attributes and account: leave the other options out")
        with connect(*where) as client:
            return client.get(f"/pilots/{int(words[0])}/explain")
    asked = asked_pilot(words, ad, account)
    if site:
        return _by_file(site, asked)
    with connect(*where) as client:
        return client.ask("/routes/explain", asked.model_dump(mode="json"))


def _by_file(site: Path, asked: HypotheticalPilot) -> Document:
    import asyncio

    from hosted_ce.api.bodies.hypothetical import spec_of
    from hosted_ce.api.schemas.explanations import explanation_out
    from hosted_ce.cli.site.problems import problem_line
    from hosted_ce.daemon.explaining.offline import explain_by_file
    from hosted_ce.daemon.site_file.routes import RoutesUnusable
    from hosted_ce.site import SiteFileError

    try:
        found = asyncio.run(explain_by_file(site, spec_of(asked), asked.account))
    except SiteFileError as error:
        raise SiteFileRefused([problem_line(error.file, problem) for problem in error.problems]) from error
    except RoutesUnusable as error:
        raise CliError(f"the routes cannot be used: {error}") from error
    return explanation_out(found).model_dump(mode="json")
