"""What an operator does to a cluster that is served anew at the same moment is not lost."""

from __future__ import annotations

from typing import Any, cast

import pytest

from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.daemon.operations import Operations


class Part:
    """Remembers what was done to it; `meanwhile` happens during that."""

    def __init__(self, meanwhile: Any = None) -> None:
        self.done: list[str] = []
        self._meanwhile = meanwhile or (lambda: None)

    async def pause(self, pause: Any) -> None:
        self.done.append("pause")
        self._meanwhile()

    async def resume(self) -> None:
        self.done.append("resume")


def operations(parts: dict[str, Part]) -> Operations:
    return Operations(cast(Any, parts), {}, cast(Any, None), lambda: 0.0)


async def test_a_part_that_was_replaced_meanwhile_is_paused_too() -> None:
    new = Part()
    parts: dict[str, Part] = {}
    old = parts["main"] = Part(lambda: parts.update(main=new))
    await operations(parts).pause("main", actor="op", reason=None)
    assert (old.done, new.done) == (["pause"], ["pause"])


async def test_a_part_that_stays_is_told_once() -> None:
    parts = {"main": Part()}
    await operations(parts).resume("main")
    assert parts["main"].done == ["resume"]


async def test_a_cluster_that_is_gone_is_unknown() -> None:
    parts = {"main": Part()}
    given = operations(parts)
    parts.clear()
    with pytest.raises(UnknownCluster):
        await given.resume("main")
