"""`hosted-ce site check` and `hosted-ce site check history`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from hosted_ce.cli.complete import cluster_names
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json

CUT_OFF = 4
"""Exit code for a run that did not get to its end."""
check_group = new_group(
    "Check whether a site is ready: its login node, its batch system, its worker nodes.", needs_command=False
)
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster", metavar="NAME", help="The cluster's name in the site file; all.",
        autocompletion=cluster_names,
    ),
]  # fmt: skip


@check_group.callback(
    invoke_without_command=True,
    epilog=examples(
        "hosted-ce site check",
        "hosted-ce site check --login-only --site routes/my-site.yaml",
        "hosted-ce site check --nodes n001,n002 --html report.html",
        "hosted-ce site check --explain SSH-4",
    ),
)
def check(
    context: typer.Context,
    *,
    cluster: ClusterOption = None,
    nodes: Annotated[
        str | None, typer.Option(metavar="NODE,NODE", help="Look at these worker nodes.")
    ] = None,
    sample: Annotated[
        int, typer.Option(metavar="N", min=0, max=20, help="Look at so many worker nodes for each route.")
    ] = 0,
    login_only: Annotated[
        bool, typer.Option("--login-only", help="Submit no jobs: look at no worker nodes.")
    ] = False,
    json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the report as Markdown.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Also write it as one HTML file.")
    ] = None,
    fail_on: Annotated[
        Literal["fail", "warn"], typer.Option(help="From which verdict on the exit code is 1.")
    ] = "fail",
    site: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False,
            help="Check by this site file, without a CE: no worker nodes are looked at.",
        ),
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="Print all checks that there are.")] = False,
    explain: Annotated[
        str | None, typer.Option(metavar="CHECK", help="Explain one check, by its id or name.")
    ] = None,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:  # fmt: skip
    """Check whether a site is ready; what is wrong comes first, with what to do.

    The login node and the batch system are only read; worker nodes are looked at by small jobs. The exit code
    is 0 when no check failed, 1 when one did, 4 when a run did not get to its end.
    """
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.site.check.catalogue import explanation_lines, list_lines
    from hosted_ce.cli.site.check.follow import by_ce, by_file, clusters
    from hosted_ce.cli.site.check.progress import progress

    if context.invoked_subcommand is not None:
        return
    if list_all or explain:
        for line in explanation_lines(explain) if explain else list_lines():
            typer.echo(line)
        return
    asked = _asked(nodes, sample, login_only=login_only)
    with progress() as told:
        if site is not None:
            runs = by_file(_without_nodes(site, asked), cluster, told)
        else:
            with connect(state_dir, url, token_file) as client:
                runs = [by_ce(client, name, asked, told) for name in clusters(client, cluster)]
    _print(runs, json=json, markdown=markdown, html=html, one=cluster is not None)
    _exit(runs, fail_on)


@check_group.command(epilog=examples("hosted-ce site check history", "hosted-ce site check history --run 7"))
def history(
    *,
    cluster: ClusterOption = None,
    run: Annotated[
        int | None, typer.Option(metavar="ID", min=1, help="Show this run with its results.")
    ] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=100, help="How many runs.")] = 20,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show runs of checks of before, the newest first; those of the schedule too."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.site.check.columns import RUNS
    from hosted_ce.cli.site.check.lines import run_lines
    from hosted_ce.cli.tables import print_table

    with connect(state_dir, url, token_file) as client:
        if run is not None:
            found = client.get(f"/site/checks/{run}")
        else:
            found = client.get("/site/checks", {"limit": limit, **({"cluster": cluster} if cluster else {})})
    if json:
        print_json(found)
    elif run is not None:
        for line in run_lines(found):
            typer.echo(line)
    else:
        print_table(RUNS, found["runs"])
        if not found["runs"]:
            note("the site was not checked yet; `hosted-ce site check` does it")


def _asked(nodes: str | None, sample: int, *, login_only: bool) -> dict[str, Any]:
    from hosted_ce.cli.errors import Misuse

    if login_only and (nodes or sample):
        raise Misuse("--login-only looks at no worker nodes: leave --nodes and --sample out, or it")
    asked: dict[str, Any] = {"login_only": login_only, "sample": sample}
    return asked | ({"node": [name for name in nodes.split(",") if name]} if nodes else {})


def _without_nodes(site: Path, asked: dict[str, Any]) -> Path:
    from hosted_ce.cli.errors import Misuse

    if asked.get("node") or asked["sample"]:
        raise Misuse("worker nodes are looked at by a running CE: leave --site out, or --nodes and --sample")
    if not asked["login_only"]:
        note("worker nodes are not looked at: that needs a running CE")
    return site


def _print(runs: list[Any], *, json: bool, markdown: bool, html: Path | None, one: bool) -> None:
    from hosted_ce.cli.site.check import html as page
    from hosted_ce.cli.site.check.lines import run_lines
    from hosted_ce.cli.site.check.markdown import markdown as report
    from hosted_ce.cli.whole_files import write_whole

    if html is not None:
        write_whole({html: page.html(runs)}, force=True)
    if json:
        print_json(runs[0] if one else runs)
    elif markdown:
        typer.echo(report(runs), nl=False)
    else:
        for run in runs:
            for line in run_lines(run):
                typer.echo(line)


def _exit(runs: list[Any], fail_on: str) -> None:
    from hosted_ce.checks.run import RunState
    from hosted_ce.checks.verdict import Verdict

    if any(Verdict(run["verdict"]).badness >= Verdict(fail_on).badness for run in runs):
        raise typer.Exit(1)
    if any(run["state"] != RunState.DONE for run in runs):
        raise typer.Exit(CUT_OFF)
