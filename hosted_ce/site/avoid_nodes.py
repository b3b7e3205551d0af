"""When nodes that kill pilots are avoided without anybody's asking."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from hosted_ce.site.errors import BadValue, name_value
from hosted_ce.site.fields import AvoidFor, AvoidWithin, SiteModel, duration_field

_SHARE = re.compile(r"([1-9][0-9]?)%\Z")
_MOST = 100


def _at_most(value: object) -> int | str:
    if isinstance(value, str) and _SHARE.match(value):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
        hint = f"write a number from 1 to {_MOST}, or a share from 1% to 99%"
        raise BadValue(f"{name_value(value)} is no number of nodes, and no share of them", hint)
    return value


AtMost = Annotated[
    int | str,
    BeforeValidator(_at_most),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": _MOST},
                {"type": "string", "pattern": "^[1-9][0-9]?%$"},
            ],
            "examples": [3, "5%"],
        }
    ),
]


class AvoidNodes(SiteModel):
    """A node where pilots fail at once gets none for a while. Then it has to fail anew."""

    after: int = Field(
        default=5,
        ge=2,
        le=50,
        description="How many pilots have to fail on a node, each within 25 minutes, 2 to 50. One that "
        "worked within the time saves it.",
    )
    within: AvoidWithin = duration_field("1h", "Within which time they have to fail, 1m to 6h.")
    lasting: AvoidFor = duration_field("6h", "How long the node is avoided then, 10m to 7d.")
    at_most: AtMost = Field(
        default=3,
        description="How many nodes of the cluster are avoided at the same time, at most: a number, or a "
        "share of those where pilots ended within six hours. Nodes that are avoided by hand count.",
    )

    @property
    def nodes(self) -> int | None:
        """The number, if it is one."""
        return self.at_most if isinstance(self.at_most, int) else None

    @property
    def share(self) -> float | None:
        """The share, if it is one."""
        return int(self.at_most.rstrip("%")) / 100 if isinstance(self.at_most, str) else None
