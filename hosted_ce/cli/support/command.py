"""`hosted-ce support-bundle`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.options import StateFolder
from hosted_ce.cli.printing import note, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hosted_ce.cli.support.service import Service
    from hosted_ce.redaction import Redactor
    from hosted_ce.settings import Settings


def support_bundle(
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            dir_okay=False,
            help="Where it is written.  [default: hosted-ce-support-TIME.tar.gz]",
        ),
    ] = None,
    site: Annotated[
        Path | None,
        typer.Option(
            "--site",
            envvar="HOSTED_CE_SITE",
            metavar="FILE",
            help="The site file.  [default: the one of the running CE]",
        ),
    ] = None,
    events: Annotated[
        int, typer.Option("--events", metavar="N", min=0, max=100_000, help="So many events, the last ones.")
    ] = 2000,
    log_lines: Annotated[
        int, typer.Option("--log-lines", metavar="N", min=0, max=1_000_000, help="So many lines of the log.")
    ] = 5000,
    json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
    state_dir: StateFolder = None,
) -> None:
    """Pack what somebody needs who helps with this CE: versions, states, events, log, metrics; no secrets.

    It works while the CE is down: what cannot be had then is told, and is in the manifest. Run it as the
    service's user, on its machine.
    """  # fmt: skip
    from datetime import UTC, datetime

    from hosted_ce.cli.process import settings_with
    from hosted_ce.cli.support.bundle import collected, write

    settings = settings_with(state=state_dir, site=site)
    redactor, service = _redactor(settings), _service(settings)
    bundle = collected(_collectors(settings, service, events, log_lines), redactor)
    now = datetime.now(UTC)
    manifest = bundle.manifest(now.isoformat(timespec="seconds"))
    path = output or Path(f"hosted-ce-support-{now:%Y%m%dT%H%M%SZ}.tar.gz")
    write(bundle, path, manifest, redactor)
    if json:
        print_json(manifest | {"file": str(path)})
        return
    for name, why in bundle.missing.items():
        note(f"without {name}: {why}")
    typer.echo(
        f"{path}: {len(bundle.parts)} parts, {path.stat().st_size} bytes; look at it before you send it"
    )


def _redactor(settings: Settings) -> Redactor:
    """It knows the API's token and the database's password, which have no form."""
    import sqlalchemy as sa

    from hosted_ce.redaction import Redactor

    redactor = Redactor()
    if settings.token_file.is_file():
        redactor.learn(settings.token_file.read_text(encoding="ascii", errors="replace").strip())
    try:
        password = sa.make_url(settings.database).password
    except (sa.exc.ArgumentError, ValueError):
        password = settings.database  # its password may be anywhere in it
    redactor.learn(str(password or ""))
    return redactor


def _service(settings: Settings) -> Service:
    from hosted_ce.cli.endpoint import find_endpoint
    from hosted_ce.cli.errors import CliError
    from hosted_ce.cli.support.service import Service

    try:
        return Service(find_endpoint(settings.state, None, None), None)
    except CliError as error:
        return Service(None, str(error))


def _collectors(
    settings: Settings, service: Service, events: int, log_lines: int
) -> Mapping[str, Callable[[], Any]]:
    from functools import partial

    from hosted_ce.cli.support import files, machine

    site = settings.site or service.site_file()
    return {
        "versions.json": machine.versions,
        "environment.json": partial(machine.environment, settings),
        "process.json": partial(machine.process, settings),
        "settings.json": partial(files.settings_in_use, settings),
        "schema.json": partial(files.schema, settings),
        "state-folder.json": partial(files.listing, settings),
        "site.yaml": partial(files.site_file, site),
        "site-lint.txt": partial(files.site_lint, site),
        **{f"front-door/{name}": partial(files.front_door_file, settings, name) for name in files.TOLD_FILES},
        "events.json": partial(files.events, settings, events),
        "log.jsonl": partial(files.log_tail, settings, log_lines),
        **service.parts(),
    }
