"""Collects pages of pilots."""

from __future__ import annotations

from typing import Any

from hosted_ce.cli.client import Client, Document

PAGE = 1000


def newest_pilots(client: Client, wanted: dict[str, Any], limit: int | None) -> tuple[list[Document], bool]:
    """Up to `limit` of the newest pilots that match, oldest first; and whether there are more.

    `wanted` has the API's filters; those that are None or empty are left out.
    """
    filters = {name: value for name, value in wanted.items() if value}
    found: list[Document] = []
    cursor: object = None
    while limit is None or len(found) < limit:
        size = PAGE if limit is None else min(PAGE, limit - len(found))
        page = client.get("/pilots", filters | {"limit": size} | ({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return found[::-1], cursor is not None
