"""`hosted-ce ramp`: how many pilots routes admit while they grow."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.ramp.acts import RouteName, pause, pin, restart, resume, skip, unpin

ramp = new_group(
    "Show how many pilots each route admits while it grows, and steer that.",
    epilog=examples(
        "hosted-ce ramp show",
        "hosted-ce ramp history default",
        "hosted-ce ramp pin default 10 --reason 'maintenance'",
    ),
)


@ramp.command(
    epilog=examples("hosted-ce ramp show", "hosted-ce ramp show default", "hosted-ce ramp show --json")
)
def show(
    route: Annotated[
        str | None, typer.Argument(metavar="ROUTE", help="Only this one, with its gates.")
    ] = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show where each ramp stands, and what its next step waits for."""
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        found = client.get("/ramps")
    if route is not None:
        found = {"ramps": [each for each in found["ramps"] if each["route"] == route]}
        if not found["ramps"]:
            raise CliError(f"route {route} has no ramp; `hosted-ce ramp show` lists those that have one")
    if json:
        print_json(found)
    else:
        _print(found["ramps"], gates=route is not None)


def _print(ramps: list[dict[str, Any]], *, gates: bool) -> None:
    from hosted_ce.cli.ramp.columns import GATES, RAMPS
    from hosted_ce.cli.tables import print_table

    print_table(RAMPS, ramps)
    if gates:
        typer.echo()
        print_table(GATES, ramps[0]["gates"])
    if not ramps:
        note("no route has a ramp: each admits as many pilots as its limits say; `ramp: true` makes one")


@ramp.command(
    epilog=examples("hosted-ce ramp history default", "hosted-ce ramp history default --limit 500 --json")
)
def history(
    *,
    route: RouteName,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Most to show.")] = 50,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List the steps of a route's ramp, by whom and why: the newest first."""
    from urllib.parse import quote

    from hosted_ce.cli.client import connect
    from hosted_ce.cli.ramp.columns import STEPS
    from hosted_ce.cli.tables import print_table

    with connect(state_dir, url, token_file) as client:
        found = client.get(f"/ramps/{quote(route, safe='')}/steps", {"limit": limit})
    if json:
        print_json(found)
    else:
        print_table(STEPS, found["steps"])


ramp.command(
    epilog=examples("hosted-ce ramp pin default 10 --reason 'maintenance'", "hosted-ce ramp pin default")
)(pin)
ramp.command(epilog=examples("hosted-ce ramp unpin default"))(unpin)
ramp.command(epilog=examples("hosted-ce ramp pause default --reason 'the site asked for it'"))(pause)
ramp.command(epilog=examples("hosted-ce ramp resume default"))(resume)
ramp.command(epilog=examples("hosted-ce ramp skip default --reason 'ran here for years'"))(skip)
ramp.command(epilog=examples("hosted-ce ramp restart default --reason 'new nodes'"))(restart)
