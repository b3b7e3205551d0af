"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hosted_ce.cli.complete import pilot_ids

StateFolder = Annotated[
    Path | None,
    typer.Option(
        "--state",
        "--state-dir",
        envvar="HOSTED_CE_STATE",
        metavar="DIR",
        file_okay=False,
        help="State folder of the CE.  [default: ./state]",
    ),
]

StateFolderOnly = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        envvar="HOSTED_CE_STATE",
        metavar="DIR",
        file_okay=False,
        help="State folder of the CE.  [default: ./state]",
    ),
]
"""For commands where `--state` is a pilot's state."""

Url = Annotated[
    str | None,
    typer.Option(
        envvar="HOSTED_CE_URL",
        metavar="URL",
        help="Address of the CE, instead of the one in the state folder.",
    ),
]

TokenFile = Annotated[
    Path | None,
    typer.Option(
        envvar="HOSTED_CE_TOKEN_FILE",
        metavar="FILE",
        dir_okay=False,
        help="File with the API's token, instead of the one in the state folder.",
    ),
]

Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the API gives it.")]

PilotId = Annotated[
    int, typer.Argument(metavar="ID", min=1, help="The pilot's number.", autocompletion=pilot_ids)
]

Port = Annotated[
    int | None,
    typer.Option(
        envvar="HOSTED_CE_PORT",
        metavar="PORT",
        min=0,
        max=65535,
        help="Port that the API listens on; 0: any free one.  [default: 8080]",
    ),
]

FromOption = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="ADDRESS", help="Where the CE connects from: address or network."),
]
ConfinedOption = Annotated[
    bool,
    typer.Option("--confined", help="The key may start the agent that the site installs, nothing else."),
]
ProgramOption = Annotated[
    str | None, typer.Option(metavar="PATH", help="Where the site installs it, with --confined.")
]
