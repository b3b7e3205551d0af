"""`hosted-ce pilots`: what a running CE has."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.complete import cluster_names
from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import Json, PilotId, StateFolder, StateFolderOnly, TokenFile, Url
from hosted_ce.cli.pilots.by_hand import abandon, adopt
from hosted_ce.cli.pilots.submit import submit
from hosted_ce.cli.pilots.trace import trace
from hosted_ce.cli.pilots.wishes import hold, release, remove
from hosted_ce.cli.printing import note, print_bytes, print_json
from hosted_ce.cli.queue.command import Entry, Route
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import State

LIMIT = 1000

pilots = new_group(
    "See, submit, hold, release and remove the pilots of a running CE.",
    epilog=examples("hosted-ce pilots list", "hosted-ce pilots submit ./job.sh --walltime 2h --wait"),
)


@pilots.command(
    "list",
    epilog=examples(
        "hosted-ce pilots list",
        "hosted-ce pilots list --state held --state unknown",
        "hosted-ce pilots list --entry OSG_US_Example-CE1 --state idle --older-than 2h",
        "hosted-ce pilots list --outcome-class no_cvmfs --outcome-class validation_failed",
        "hosted-ce pilots list --batch-id 4711 --json",
        "hosted-ce pilots list --factory-job 'gfactory@factory.example.org#4711.0#1770000000'",
    ),
)
def list_pilots(
    *,
    state: Annotated[
        list[State] | None, typer.Option("--state", help="Only pilots in this state; can be given again.")
    ] = None,
    entry: Entry = None,
    route: Route = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only pilots of this cluster.", autocompletion=cluster_names),
    ] = None,
    outcome_class: Annotated[
        list[EndClass] | None,
        typer.Option("--outcome-class", help="Only pilots whose end is of this class; can be given again."),
    ] = None,
    purpose: Annotated[
        Purpose | None,
        typer.Option(help="Only pilots that work, that test the site, or that check a node."),
    ] = None,
    batch_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Only the pilot with this batch job.")
    ] = None,
    factory_job: Annotated[
        str | None, typer.Option(metavar="ID", help="Only the pilot of this job: the factory's GlobalJobId.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Only pilots that came so long ago, such as 2h.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only pilots with this text in their reason.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, help="At most N pilots, the newest.")
    ] = LIMIT,
    everything: Annotated[bool, typer.Option("--all", help="All pilots, however many.")] = False,
    json: Json = False,
    state_dir: StateFolderOnly = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List pilots, the newest last."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.columns import PILOTS, PILOTS_NARROW
    from hosted_ce.cli.pilots.listing import newest_pilots
    from hosted_ce.cli.tables import print_table

    wanted = {
        "state": [s.value for s in state or ()],
        "route": route,
        "cluster": cluster,
        "outcome_class": [each.value for each in outcome_class or ()],
        "purpose": purpose.value if purpose else None,
        "batch_id": batch_id,
        "factory_job": factory_job,
        "entry": entry,
        "older_than": older_than,
        "reason": reason,
    }
    with connect(state_dir, url, token_file) as client:
        found, more = newest_pilots(client, wanted, None if everything else limit)
    if json:
        print_json(found)
    elif found:
        print_table(PILOTS, found, narrow=PILOTS_NARROW)
    else:
        note("no such pilots" if any(wanted.values()) else "no pilots yet")
    if more:
        note(f"these are the newest {len(found)}; --limit N or --all shows more")


@pilots.command(epilog=examples("hosted-ce pilots show 12"))
def show(
    *,
    pilot_id: PilotId,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show one pilot: where it is, why, and all that has happened to it."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.pilots.details import print_details

    with connect(state_dir, url, token_file) as client:
        pilot = client.get(f"/pilots/{pilot_id}")
    if json:
        print_json(pilot)
    else:
        print_details(pilot)


@pilots.command(
    epilog=examples("hosted-ce pilots output 12", "hosted-ce pilots output 12 --stderr > errors.txt")
)
def output(
    *,
    pilot_id: PilotId,
    stderr: Annotated[bool, typer.Option("--stderr", help="Its standard error instead.")] = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Print the standard output of a pilot that has ended, byte for byte."""
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        print_bytes(client.get_bytes(f"/pilots/{pilot_id}/{'stderr' if stderr else 'stdout'}"))


pilots.command(
    epilog=examples(
        "hosted-ce pilots submit ./job.sh --cpus 4 --memory 8GB --walltime 2h",
        "hosted-ce pilots submit ./job.sh --input data.tar --env MODE=fast --wait -- --verbose 5",
        "hosted-ce pilots submit ./job.sh --count 100 --attribute 'GlideinEntryName=\"42\"'",
        "hosted-ce pilots submit ./job.sh --each differences.jsonl --key run-7",
        "hosted-ce pilots submit --test hello --trace",
        "hosted-ce pilots submit --test stress --route osg --node n007 --walltime 10m --trace",
    )
)(submit)
pilots.command(epilog=examples("hosted-ce pilots trace 12", "hosted-ce pilots trace 12 --script --once"))(
    trace
)
pilots.command(epilog=examples("hosted-ce pilots adopt 12 --batch-id 4711"))(adopt)
pilots.command(epilog=examples("hosted-ce pilots abandon 12 --reason 'the site says that there is no job'"))(
    abandon
)
pilots.command(epilog=examples("hosted-ce pilots hold 12 13 --reason 'node c1 is being mended'"))(hold)
pilots.command(epilog=examples("hosted-ce pilots release 12 13"))(release)
pilots.command(
    epilog=examples("hosted-ce pilots remove 12", "hosted-ce pilots remove 12 13 --reason draining")
)(remove)
