"""The API is loaded late, and not when its files are another version's by then."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

import hosted_ce
from bosco.on_disk import Installed
from hosted_ce.api.problems.problem import Problem
from hosted_ce.daemon import late_api
from hosted_ce.daemon.late_api import LateApi
from tests.api.world import World


async def test_it_is_loaded_when_somebody_asks(world: World) -> None:
    told: list[bool] = []
    late = LateApi(world.services, lambda: told.append(True))
    assert told == []
    assert isinstance(await late.load(), FastAPI)
    assert told == [True]
    assert await late.readiness() == await world.services.readiness()


async def test_it_is_not_loaded_from_files_that_were_replaced(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "__init__.py"
    package.touch()
    monkeypatch.setattr(hosted_ce, "__file__", str(package))
    told: list[bool] = []
    late = LateApi(world.services, lambda: told.append(True))
    (tmp_path / "new.py").touch()
    monkeypatch.setitem(sys.modules, "hosted_ce.api.app", None)  # what is there now is not even begun
    with pytest.raises(Problem) as raised, capture_logs() as lines:
        await late.load()
    assert "restart it" in raised.value.detail
    assert ["the API was not loaded" in line["event"] for line in lines] == [True]
    assert told == []
    [*others, check] = await late.readiness()
    assert others == await world.services.readiness()
    assert (check.name, check.ok, check.essential) == ("API", False, False)
    assert "restart it" in check.detail


async def test_what_was_replaced_while_it_was_loaded_is_not_served(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = LateApi(world.services, lambda: None)
    looks = iter([False, True])
    monkeypatch.setattr(Installed, "is_replaced", lambda _: next(looks))
    with pytest.raises(Problem, match="restart it"):
        await late.load()


async def test_a_library_that_is_not_there_is_missed_at_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_api, "LIBRARIES", ("fastapi", "no_such_library"))
    with pytest.raises(ImportError, match="no_such_library is not installed; install hosted_ce again"):
        LateApi(world.services, lambda: None)
