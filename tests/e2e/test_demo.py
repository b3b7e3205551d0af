"""The main job as a newcomer runs it: `make run`'s command in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.state_folder import faults

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
COMMAND = [sys.executable, "-m", "hosted_ce.cli.main"]
START_S = 180


def demo(folder: Path, *flags: str) -> subprocess.Popen[bytes]:
    """Starts the demo in `folder`, with the state folder that it has by default."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HOSTED_CE_")}
    with (folder / "out").open("ab") as out:
        argv = [*COMMAND, "demo", "--port", "0", *flags]
        return subprocess.Popen(argv, cwd=folder, stdout=out, stderr=out, env=environment)


def listed(folder: Path) -> list[dict[str, Any]]:
    """What `pilots list --json` says in `folder`, with no flags; empty while no CE answers."""
    answer = subprocess.run(
        [*COMMAND, "pilots", "list", "--json"], cwd=folder, capture_output=True, check=False
    )
    found: list[dict[str, Any]] = json.loads(answer.stdout) if answer.returncode == 0 else []
    return found


def test_killed_in_the_middle_and_run_again_all_twenty_come_back_once(tmp_path: Path) -> None:
    first = demo(tmp_path)
    try:
        deadline = time.monotonic() + START_S
        while sum(pilot["batch_id"] is not None for pilot in listed(tmp_path)) < 8:
            assert time.monotonic() < deadline, (tmp_path / "out").read_text()
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()

    assert demo(tmp_path, "--once").wait(100) == 0, (tmp_path / "out").read_text()
    said = (tmp_path / "out").read_text()
    assert "20 of 20 pilots completed and came back whole" in said
    assert "greeting: it's 100% whole" in said
    assert not list(faults(tmp_path / "state", os.geteuid())), "nobody else may read what is there"


def test_it_serves_on_until_it_is_asked_to_stop(tmp_path: Path) -> None:
    process = demo(tmp_path)
    try:
        deadline = time.monotonic() + START_S
        while "Serving until Ctrl-C" not in (tmp_path / "out").read_text():
            assert process.poll() is None
            assert time.monotonic() < deadline, (tmp_path / "out").read_text()
            time.sleep(0.2)
        pilots = listed(tmp_path)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
    assert len(pilots) == 20
    assert {pilot["state"] for pilot in pilots} == {"completed"}
    assert {pilot["exit_code"] for pilot in pilots} == {0}
    assert len({pilot["batch_id"] for pilot in pilots}) == 20
    assert "/metrics" in (tmp_path / "out").read_text()
