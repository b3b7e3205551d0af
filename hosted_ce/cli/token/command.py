"""`hosted-ce token`: who may do what at a running CE."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.token.making import create, link

tokens = new_group(
    "Make, list and revoke tokens of a running CE, each with a name and a role.\n\n"
    "A viewer reads what is not secret, an operator acts on pilots, nodes and clusters, an admin makes "
    "tokens. The token of the state folder is an admin's, and is not listed.",
    epilog=examples(
        "hosted-ce token create --role operator --name 'Ada Lovelace' --expires 90d",
        "hosted-ce token link --name 'Example University'",
        "hosted-ce token list",
        "hosted-ce token revoke 'Example University'",
    ),
)

tokens.command(
    epilog=examples(
        "hosted-ce token create --role viewer --name 'Example University' --expires 14d",
        "hosted-ce token create --role operator --name monitor --expires never --json",
    )
)(create)
tokens.command(
    epilog=examples(
        "hosted-ce token link --name 'Example University'",
        "hosted-ce token link --name 'Example University' --expires 3d --to /site",
    )
)(link)


@tokens.command("list", epilog=examples("hosted-ce token list", "hosted-ce token list --all --json"))
def show(
    *,
    ended: Annotated[bool, typer.Option("--all", help="Also those that are expired or revoked.")] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List tokens: whose they are, what they may, when they end, when they were used last. Never a secret."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.columns import TOKENS
    from hosted_ce.cli.tables import print_table

    with connect(state_dir, url, token_file) as client:
        found = client.get("/tokens")
    shown = [token for token in found["tokens"] if ended or token["good"]]
    if json:
        print_json(found | {"tokens": shown})
        return
    print_table(TOKENS, shown)
    if more := len(found["tokens"]) - len(shown):
        note(f"{more} more that ended; --all shows them")
    elif not shown:
        note("there are no tokens but the one of the state folder")


@tokens.command(
    epilog=examples("hosted-ce token revoke 3", "hosted-ce token revoke 'Example University' --json")
)
def revoke(
    *,
    which: Annotated[str, typer.Argument(metavar="ID|NAME", help="The token's number, or its name.")],
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """End a token at once: the next request with it is refused, also in browsers that it signed in."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.words import cell, to_the_second

    with connect(state_dir, url, token_file) as client:
        found = client.delete(f"/tokens/{_number(which, client.get('/tokens')['tokens'])}", {})
    if json:
        print_json(found)
    else:
        at = to_the_second(found["revoked_at"])
        typer.echo(f"token {found['id']} ({cell(found['name'])}): revoked at {at}")


def _number(which: str, tokens: list[dict[str, object]]) -> object:
    """The id of the token that is meant: of those with this name the good one."""
    from hosted_ce.cli.errors import CliError

    if which.isdecimal():
        return int(which)
    named = [token for token in tokens if str(token["name"]).casefold() == which.strip().casefold()]
    if not named:
        raise CliError(f"no token has the name {which!r}; `hosted-ce token list` shows their names")
    return max(named, key=lambda token: (bool(token["good"]), int(str(token["id"]))))["id"]
