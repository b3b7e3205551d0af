"""Python's garbage collector is kept off while very many objects are made, and comes back in any case."""

from __future__ import annotations

import asyncio
import gc

import pytest

from hosted_ce.api.undisturbed import Undisturbed
from tests.fakes.virtual_time import run


async def test_it_is_back_when_the_last_of_them_is_done() -> None:
    undisturbed = Undisturbed()
    with undisturbed():
        with undisturbed():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


async def test_it_is_back_after_a_failure() -> None:
    undisturbed = Undisturbed()
    with pytest.raises(ZeroDivisionError), undisturbed():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_who_waits_for_too_long_has_it_back() -> None:
    """A database that is away may be so for hours."""

    async def waits() -> None:
        undisturbed = Undisturbed(longest_s=20.0)
        with undisturbed():
            await asyncio.sleep(19)
            assert not gc.isenabled()
            with undisturbed():
                await asyncio.sleep(2)
                assert not gc.isenabled()  # the other one has come later
                await asyncio.sleep(19)
                assert gc.isenabled()
        assert gc.isenabled()

    run(waits())
