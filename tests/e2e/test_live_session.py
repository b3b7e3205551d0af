"""From a login node's name to the ramp's first step on a real Slurm: site init, and the live session.

A pilot by REST stands for the factory's: the lab has no front door here. Gates of the ramp are seconds.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
GATES = {"started": "75%", "ran_for": "2s", "queue_wait": "1m"}
RAMP = {"start": 2, "gates": GATES, "rest": "5s"}
PILOT = "#!/bin/sh\necho a glidein\nsleep 4\n"


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    """A CE for a site that was prepared as a new one is."""
    ce = Ce(lab, tmp_path)
    with prepared(lab, tmp_path / "etc") as site:
        site["clusters"]["main"] |= {"poll": "1s", "missing_grace": "5s"}
        assert site["routes"][0]["ramp"] is True, "a new site grows by itself; here it may do so in seconds"
        site["routes"][0]["ramp"] = RAMP
        assert site["checks"]["every"] == "7d"
        site |= {"checks": {"every": "7d", "nodes": 1}, "reach": {"outside": False}}
        ce.site_file.write_text(yaml.safe_dump(site))
        ce.start()
        yield ce
        ce.kill()


@contextmanager
def prepared(lab: Lab, folder: Path) -> Iterator[dict[str, Any]]:
    """The site file of `hosted-ce site init`, when the site has done what the letter says."""
    told = subprocess.run(["ssh-keygen", "-lf", lab.known_hosts], capture_output=True, check=True, text=True)
    answers = {
        "option": "1a", "site": "Lab-University", "resource": "Lab-CE1", "contacts": "hpc@example.edu",
        "batch": "slurm", "login": f"{lab.host}:{lab.port}", "account": lab.account,
        "fingerprints": told.stdout.split()[1], "our-addresses": lab.host, "shared": "home", "cpus": "1",
        "memory": "1 GB", "walltime": "10m", "pilots": "8", "queue": "none", "charge": "none",
        "door-host": "unknown",
    }  # fmt: skip
    hosted_ce("site", "init", str(folder), "--yes", *(f"--{name}={text}" for name, text in answers.items()))
    keys = lab.folder / "sshd" / "authorized_keys"
    before = keys.read_text()
    [line] = re.findall(
        r"^ *(restrict,from=.* ssh-ed25519 .*)$", (folder / "letter.txt").read_text(), re.MULTILINE
    )
    keys.write_text(f"{before}{line}\n")
    try:
        yield yaml.safe_load((folder / "site.yaml").read_text())
    finally:
        keys.write_text(before)


def hosted_ce(*arguments: str, **environment: str) -> str:
    """What the command prints; its exit code is 0."""
    ran = subprocess.run(
        [sys.executable, "-m", "hosted_ce.cli.main", *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"{arguments}: {ran.stdout}{ran.stderr}"
    return ran.stdout


def session(ce: Ce, *arguments: str) -> str:
    """What `hosted-ce session` prints."""
    return hosted_ce("session", *arguments, HOSTED_CE_STATE=str(ce.state))


def state_of(ce: Ce, item: str) -> str:
    board = ce.client.get("/api/v1/sessions/current").raise_for_status().json()
    items = [each for phase in board["phases"] for each in phase["items"]]
    found: str = next(each["state"] for each in items if each["id"] == item)
    return found


def test_a_session_goes_from_nothing_to_the_ramps_first_step(ce: Ce) -> None:
    begun: dict[str, Any] = json.loads(session(ce, "begin", "--with", "Example University", "--json"))
    session(ce, "tick", "people", "--reason", "Ada (OSG), Ben (Example University)")
    for item in ("contact", "site-check", "hello", "stress", "route"):
        assert f"{item}: done" in session(ce, "run", item, "--wait"), session(ce, "show")
    assert state_of(ce, "ready") == "done"
    assert state_of(ce, "front-door") == "skipped"
    assert (state_of(ce, "first-came"), state_of(ce, "first-worked")) == ("open", "open"), (
        "a test is no pilot"
    )

    for number in range(8):
        ce.submit(PILOT, key=f"pilot-{number}")
    ce.wait_until(lambda: state_of(ce, "first-worked") == "done", 60, "no pilot worked")
    session(ce, "run", "ramp")
    ce.wait_until(lambda: state_of(ce, "ramp-4") == "done", 60, "the ramp made no step")
    session(ce, "run", "verification")
    session(ce, "note", "8 pilots at most", "--decision")
    session(ce, "note", "a quota of 50 GB", "--open", "--owner", "Ben", "--due", "2026-12-24")

    ce.kill()
    ce.start()
    ce.wait_until(lambda: state_of(ce, "ready") == "done", 60, "the session does not go on after a restart")
    session(ce, "end")
    minutes = session(ce, "minutes")
    for line in (
        "- Present: Ada (OSG), Ben (Example University)",
        "8 pilots at most. (operator)",
        "**Ben**, until 2026-12-24: a quota of 50 GB.",
        "- **done:** The site is ready: in contact, and no check failed",
        "- **done:** A short test pilot comes back",
        "- **done:** A test pilot uses what a pilot gets",
        "- **done:** The first pilot came: pilot 4 came by REST",
        "- **done:** It made its first step, to four: route default admits",
        "- Contacts of the site: hpc@example.edu",
        "- **done:** Checks go on by themselves: every 7d",
    ):
        assert line in minutes, minutes
    assert minutes == session(ce, "minutes"), "they are the same each time"
    looks_on(ce, begun["link"]["token"])


def looks_on(ce: Ce, token: str) -> None:
    """The site's link still opens the session, and changes nothing."""
    with httpx.Client(base_url=str(ce.client.base_url), headers={"Authorization": f"Bearer {token}"}) as site:
        assert "Ada (OSG)" in site.get("/session/1").raise_for_status().text
        assert site.post("/api/v1/sessions", json={"partner": "us"}).status_code == 403
