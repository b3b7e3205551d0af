"""A specification that was not read never passes for an empty one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hosted_ce.pilots.unread import UNREAD


@pytest.mark.parametrize(
    "look",
    [lambda spec: spec["executable"], lambda spec: spec.get("arguments", []), bool, dict, len],
    ids=["item", "get", "bool", "dict", "len"],
)
def test_whoever_looks_at_it_is_told(look: Callable[[Mapping[str, Any]], object]) -> None:
    with pytest.raises(RuntimeError, match="without its specification"):
        look(UNREAD)
