"""`hosted-ce serve` and `hosted-ce demo`: the service itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hosted_ce.cli import service
from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.options import Port, StateFolder


def serve(
    *,
    site: Annotated[
        Path | None, typer.Option(envvar="HOSTED_CE_SITE", metavar="FILE", help="The site file.")
    ] = None,
    state_dir: StateFolder = None,
    host: Annotated[
        str | None,
        typer.Option(
            envvar="HOSTED_CE_HOST",
            metavar="ADDRESS",
            help="Address that the API listens on.  [default: 127.0.0.1]",
        ),
    ] = None,
    port: Port = None,
    user: Annotated[
        str | None,
        typer.Option(
            envvar="HOSTED_CE_USER", metavar="ACCOUNT", help="Account to run as when it is started as root."
        ),
    ] = None,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None,
        typer.Option(envvar="HOSTED_CE_LOG_LEVEL", help="Least severe messages written.  [default: info]"),
    ] = None,
    log_format: Annotated[
        Literal["auto", "json", "console"] | None,
        typer.Option(
            envvar="HOSTED_CE_LOG_FORMAT",
            help="Form of log lines; auto: console on a terminal, otherwise json.  [default: auto]",
        ),
    ] = None,
) -> None:
    """Run the CE for one site, until SIGTERM or Ctrl-C.

    It writes its address and token into the state folder, where the other commands find them.
    """
    from hosted_ce.cli.process import settings_with

    given = {
        "site": site,
        "state": state_dir,
        "host": host,
        "port": port,
        "user": user,
        "log_level": log_level,
        "log_format": log_format,
    }
    if settings_with(**given).site is None:
        raise Misuse("which site? Name its file with --site routes/my-site.yaml, or try `hosted-ce demo`")
    service.become_service(given)


def demo(
    *,
    state_dir: StateFolder = None,
    port: Port = None,
    once: Annotated[
        bool, typer.Option("--once", help="End when the pilots have; fail unless all came back whole.")
    ] = False,
) -> None:
    """Run a CE with a small cluster of its own on this machine, and send pilots through it."""
    from hosted_ce.cli.process import settings_with
    from hosted_ce.cli.running import run
    from hosted_ce.demo.run import run_demo

    settings = settings_with(state=state_dir, port=port)
    raise typer.Exit(run(run_demo(settings, once=once)))
