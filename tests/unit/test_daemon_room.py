"""How much room the state folder has is looked at, and is in the CE's health."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hosted_ce.daemon.process.room import room_at
from hosted_ce.daemon.wellbeing import Wellbeing
from hosted_ce.health.facts import PilotFacts, RoomFacts
from hosted_ce.site import load_site
from tests.api.world import SITE_FILE

NOW = 1_770_000_000.0


def test_a_folder(tmp_path: Path) -> None:
    found, system = room_at(tmp_path), os.statvfs(tmp_path)
    assert found is not None
    assert found.folder == str(tmp_path)
    assert 0 < found.free_bytes <= system.f_frsize * system.f_blocks
    assert (found.free_files is None) == (system.f_files == 0)


def test_one_that_is_gone(tmp_path: Path) -> None:
    with capture_logs() as logs:
        assert room_at(tmp_path / "gone") is None
    assert "No such file" in logs[0]["problem"]


class Pilots:
    """A database with a CE that works."""

    commits = 0

    async def pilots(self, now: float) -> PilotFacts:
        return PilotFacts(running=1, first_at=now, ran_at=now)


class Quiet:
    """A site of which nothing is known."""

    def clusters(self) -> tuple[()]:
        return ()

    def door(self) -> None:
        return None

    def troubles(self) -> tuple[()]:
        return ()


async def test_a_full_disk_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hosted_ce.daemon.wellbeing.room_at", lambda folder: RoomFacts(str(folder), 0))
    path = tmp_path / "site.yaml"
    path.write_text(SITE_FILE)
    site = load_site(path)
    seen = Wellbeing(Pilots(), Quiet(), lambda: site, tmp_path / "token", lambda: NOW)  # type: ignore[arg-type]
    await seen.look()
    assert seen.health is not None
    assert [reason.said for reason in seen.health.reasons] == [
        f"the CE's own disk has room for 0 MiB only, in the state folder {tmp_path}"
    ]
