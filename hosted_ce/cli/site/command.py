"""`hosted-ce site`: site files, and the site of a running CE."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.site.acts import accept_spool, pause, resume
from hosted_ce.cli.site.check.command import check_group
from hosted_ce.cli.site.digest import digest
from hosted_ce.cli.site.file import diff, reload
from hosted_ce.cli.site.importing import import_
from hosted_ce.cli.site.init.command import init
from hosted_ce.cli.site.outages import downtime, incidents
from hosted_ce.cli.site.probe import probe
from hosted_ce.cli.site.status import status
from hosted_ce.cli.site.trust import trust
from hosted_ce.cli.site.verify import verify
from hosted_ce.cli.words import cell

site = new_group(
    "Prepare, check and compare site files; see, probe, reload, pause and resume the site of a running CE.",
    epilog=examples("hosted-ce site lint routes/my-site.yaml"),
)


site.command(
    "init",
    epilog=examples(
        "hosted-ce site init /etc/hosted-ce",
        "hosted-ce site init --questionnaire > questionnaire.yaml",
        "hosted-ce site init /etc/hosted-ce --answers questionnaire.yaml --login=login.example.edu:2222",
        "hosted-ce site init /etc/hosted-ce --again fingerprints",
    ),
)(init)


@site.command(
    epilog=examples(
        "hosted-ce site lint routes/my-site.yaml",
        "hosted-ce site lint --json routes/*.yaml",
        "hosted-ce site lint --state-dir /var/lib/hosted-ce /etc/hosted-ce/site.yaml",
    )
)
def lint(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Site files.")],
    json: Annotated[bool, typer.Option("--json", help="Print an array of problems as JSON.")] = False,
    state_dir: StateFolder = None,
) -> None:
    """Check site files, and the keys, known_hosts files and HTCondor-CE's routes that they name.

    With a state folder that one's owner and modes as well, as the CE looks at them at its start. Prints
    FILE:LINE:COLUMN: error: ... lines. The exit code is 0 if there are at most warnings, otherwise 1.
    """
    from hosted_ce.cli.site.problems import finding_json, linted, of_state, problem_json, problem_line

    results = [linted(file) for file in files]
    problems = [(result.file, problem) for result in results for problem in result.problems]
    problems += [] if state_dir is None else of_state(state_dir)
    findings = [finding for result in results for finding in result.findings]
    if json:
        print_json([*(problem_json(*each) for each in problems), *(finding_json(each) for each in findings)])
    else:
        for line in (*(problem_line(*each) for each in problems), *(each.describe() for each in findings)):
            typer.echo(line)
        if not problems and not findings:
            note("no problems found")
    severities = [*(problem.severity for _, problem in problems), *(each.severity for each in findings)]
    if "error" in severities:
        raise typer.Exit(1)


@site.command(epilog=examples("hosted-ce site schema > site.schema.json"))
def schema() -> None:
    """Print the JSON schema of site files, for editors."""
    from hosted_ce.site.schema import schema_text

    typer.echo(schema_text(), nl=False)


@site.command(epilog=examples("hosted-ce site show"))
def show(
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show the site that a running CE serves: its front door, its clusters, and how full its routes are."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.columns import CLUSTERS, CLUSTERS_NARROW, FRONT_DOORS, ROUTES
    from hosted_ce.cli.site.diff import file_lines
    from hosted_ce.cli.tables import print_table

    with connect(state_dir, url, token_file) as client:
        found = client.get("/site")
    if json:
        print_json(found)
        return
    typer.echo(f"{cell(found['name'])}, resource {cell(found['resource'])}")
    for line in file_lines(found.get("file")):
        typer.echo(line)
    doors = [found["front_door"]] if found["front_door"] else []
    for columns, narrow, records in (
        (FRONT_DOORS, (), doors),
        (CLUSTERS, CLUSTERS_NARROW, found["clusters"]),
        (ROUTES, (), found["routes"]),
    ):
        if records:
            typer.echo()
            print_table(columns, records, narrow=narrow)


site.command(
    epilog=examples(
        "hosted-ce site trust routes/my-site.yaml",
        "hosted-ce site trust routes/my-site.yaml --fingerprint SHA256:1Z2fVg...",
        "hosted-ce site trust routes/my-site.yaml --fingerprint SHA256:1Z2fVg... --replace SHA256:sEBl0o...",
    )
)(trust)
site.command(
    "import",
    epilog=examples(
        "hosted-ce site import values.yaml -o routes/my-site.yaml",
        "hosted-ce site import values.yaml bosco_override/ -o routes/my-site.yaml --report import.md",
        "hosted-ce site import /etc/condor-ce /etc/osg/config.d -o routes/my-site.yaml --dry-run",
    ),
)(import_)
site.command(epilog=examples("hosted-ce site status"))(status)
site.command(epilog=examples("hosted-ce site incidents", "hosted-ce site incidents --since 7d --json"))(
    incidents
)
site.command(
    epilog=examples("hosted-ce site digest", "hosted-ce site digest --since 30d --html > digest.html")
)(digest)
site.command(epilog=examples("hosted-ce site downtime --from-incident 3 > downtime.yaml"))(downtime)
site.command(
    epilog=examples(
        "hosted-ce site verify",
        "hosted-ce site verify --since 30d --route gpu",
        "hosted-ce site verify --since 30d --markdown > verification.md",
    )
)(verify)
site.command(
    epilog=examples("hosted-ce site probe", "hosted-ce site probe main --json", "hosted-ce site probe --last")
)(probe)
site.add_typer(check_group, name="check")
site.command(epilog=examples("hosted-ce site pause main --reason 'maintenance until Monday'"))(pause)
site.command(epilog=examples("hosted-ce site resume main"))(resume)
site.command(epilog=examples("hosted-ce site reload"))(reload)
site.command(
    epilog=examples(
        "hosted-ce site diff new.yaml",
        "hosted-ce site diff --check routes/my-site.yaml new.yaml",
        "hosted-ce site diff --json --url https://ce.example.edu --token-file token old.yaml new.yaml",
    )
)(diff)
site.command("accept-spool", epilog=examples("hosted-ce site accept-spool main"))(accept_spool)
