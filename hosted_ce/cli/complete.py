"""What a shell may complete: names that the running CE has. Asked with a short deadline; never an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import typer

DEADLINE_S = 1.0
"""A shell waits for it with every Tab."""
MOST = 200

Document = dict[str, Any]


def pilot_ids(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Pilots that are not over, the newest first, each with its state."""
    states = ["idle", "running", "held", "unknown"]
    asked = "/pilots", {"limit": MOST, "state": states}
    return _found(ctx, incomplete, asked, lambda page: ((str(p["id"]), p["state"]) for p in page["items"]))


def route_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The routes of the site."""
    return _found(ctx, incomplete, ("/site", {}), lambda site: _named(site["routes"], "cluster"))


def cluster_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The clusters of the site."""
    return _found(ctx, incomplete, ("/site", {}), lambda site: _named(site["clusters"], "state"))


def entry_names(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The factory's entries."""
    return _found(
        ctx,
        incomplete,
        ("/entries", {}),
        lambda found: ((e["name"], "") for e in found["entries"] if e["name"]),
    )


def _named(found: Iterable[Document], what: str) -> Iterable[tuple[str, str]]:
    return ((each["name"], each[what] or "") for each in found)


def _found(
    ctx: typer.Context,
    incomplete: str,
    asked: tuple[str, Document],
    names: Callable[[Document], Iterable[tuple[str, str]]],
) -> list[tuple[str, str]]:
    try:
        return [pair for pair in names(_asked(ctx, *asked)) if pair[0].startswith(incomplete)]
    except Exception:  # whatever it is: a shell that completes has nowhere to show it
        return []


def _asked(ctx: typer.Context, path: str, params: Document) -> Document:
    import httpx

    from hosted_ce.cli.endpoint import find_endpoint

    where = (ctx.params.get(name) for name in ("state_dir", "url", "token_file"))
    endpoint = find_endpoint(*where)
    answer = httpx.get(
        f"{endpoint.url}/api/v1{path}", params=params, timeout=DEADLINE_S,
        headers={"Authorization": f"Bearer {endpoint.token}"}, trust_env=endpoint.state is None,
        verify=endpoint.trust,
    )  # fmt: skip
    if answer.status_code != HTTPStatus.OK:
        raise LookupError(path)
    found: Document = answer.json()
    return found
