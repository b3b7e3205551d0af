"""`hosted-ce key list`: by which keys a CE logs in, and when each was used last."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hosted_ce.cli.columns import Column
from hosted_ce.cli.options import Json, StateFolder
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.tables import print_table
from hosted_ce.cli.words import cell

TITLES = ("use", "made", "last_used", "logins", "certified_until", "fingerprint", "path")
COLUMNS = [Column(title.upper(), lambda record, title=title: cell(record[title])) for title in TITLES]  # type: ignore[misc]


def list_keys(
    site: Annotated[Path, typer.Option("--site", metavar="FILE", help="The site file.")],
    state_dir: StateFolder = None,
    json: Json = False,
) -> None:
    """Show the keys that a site file names, next and old ones of a change, and when the CE used each last."""
    from hosted_ce.cli.errors import SiteFileRefused
    from hosted_ce.cli.process import settings_with
    from hosted_ce.cli.site.problems import problem_line
    from hosted_ce.daemon.key_uses import keys_of
    from hosted_ce.site import SiteFileError, load_site

    try:
        found = keys_of(load_site(site), settings_with(state=state_dir).state)
    except SiteFileError as error:
        raise SiteFileRefused([problem_line(error.file, problem) for problem in error.problems]) from error
    if json:
        print_json(found)
    else:
        print_table(COLUMNS, found)
