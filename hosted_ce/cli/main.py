"""The `hosted-ce` command, put together."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from hosted_ce import __version__
from hosted_ce.cli.audit.command import audit
from hosted_ce.cli.contributions.command import contributions
from hosted_ce.cli.database.command import db
from hosted_ce.cli.front_door.command import front_door
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.key.command import key
from hosted_ce.cli.logs.command import logs
from hosted_ce.cli.nodes.command import nodes
from hosted_ce.cli.pilots.command import pilots
from hosted_ce.cli.pilots.why import why
from hosted_ce.cli.queue.command import history, q
from hosted_ce.cli.ramp.command import ramp
from hosted_ce.cli.route.command import route
from hosted_ce.cli.serve import demo, serve
from hosted_ce.cli.session.command import session
from hosted_ce.cli.site.command import site
from hosted_ce.cli.support.command import support_bundle
from hosted_ce.cli.token.command import tokens
from hosted_ce.cli.top.command import top

app = new_group(
    "A hosted Compute Entrypoint: takes pilots, and runs them on a campus's batch system over SSH.",
    name="hosted-ce",
    epilog=examples(
        "hosted-ce demo",
        "hosted-ce serve --site routes/my-site.yaml",
        "hosted-ce pilots submit ./job.sh --cpus 4 --walltime 2h --wait",
        "hosted-ce pilots list",
    ),
)
app.command(epilog=examples("hosted-ce serve --site routes/my-site.yaml --port 8080"))(serve)
app.command(epilog=examples("hosted-ce demo", "hosted-ce demo --once"))(demo)
app.command(
    epilog=examples("hosted-ce q", "hosted-ce q --held", "hosted-ce q --entry OSG_US_Example-CE1 --route gpu")
)(q)
app.command(
    epilog=examples("hosted-ce history --since 2h", "hosted-ce history --state lost --limit 20 --json")
)(history)
app.command(
    epilog=examples("hosted-ce why 12", "hosted-ce why 'gfactory@factory.example.org#4711.0#1770000000'")
)(why)
app.command(epilog=examples("hosted-ce top", "hosted-ce top --state held --once"))(top)
app.add_typer(pilots, name="pilots")
app.add_typer(nodes, name="nodes")
app.add_typer(ramp, name="ramp")
app.command(
    epilog=examples(
        "hosted-ce logs --level warning --since 2h", "hosted-ce logs --pilot 12", "hosted-ce logs -f --json"
    )
)(logs)
app.command(
    epilog=examples(
        "hosted-ce audit --refused --since 1d", "hosted-ce audit --pilot 12", "hosted-ce audit -f --json"
    )
)(audit)
app.command(
    epilog=examples(
        "hosted-ce contributions --by entry --since 7d",
        "hosted-ce contributions --since 2026-03-01 --until 2026-03-31 --csv > march.csv",
    )
)(contributions)
app.command(
    "support-bundle",
    epilog=examples("hosted-ce support-bundle", "hosted-ce support-bundle -o bundle.tar.gz --json"),
)(support_bundle)
app.add_typer(session, name="session")
app.add_typer(site, name="site")
app.add_typer(route, name="route")
app.add_typer(key, name="key")
app.add_typer(front_door, name="front-door")
app.add_typer(tokens, name="token")
app.add_typer(db, name="db")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hosted-ce {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command line and exits: 0 done, 1 the operation failed, 2 wrong usage, 3 no CE reachable."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a narrow locale must not end a listing
    app(prog_name="hosted-ce")


if __name__ == "__main__":
    main()
