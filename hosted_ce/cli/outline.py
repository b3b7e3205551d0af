"""Nested data of the API as an outline that people read."""

from __future__ import annotations

from typing import Any

import yaml

from hosted_ce.cli.words import spelled


class _Dumper(yaml.SafeDumper):
    """Leaves times unquoted: no program reads this."""


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}


def outline(found: Any) -> str:
    """The data as YAML, in the order given."""
    text: str = yaml.dump(found, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return "\n".join(spelled(line) for line in text.splitlines())
