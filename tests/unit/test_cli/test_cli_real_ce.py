"""The client commands against a real CE in its own process. Its site cannot be reached, so pilots wait."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.state_folder import is_ours

START_S = 120
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
SITE = """\
site: Example-University
resource: Example-CE1
clusters:
  main:
    batch: slurm
    login:
      - host: 127.0.0.1
        port: 1
    account: osg01
    key: {folder}/key
    known_hosts: {folder}/known_hosts
routes:
  - name: default
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working directory whose ./state is that of a running CE."""
    folder = tmp_path_factory.mktemp("ce")
    (folder / "key").touch(mode=0o600)
    (folder / "known_hosts").write_text(f"[127.0.0.1]:1 {HOST_KEY}\n")
    (folder / "site.yaml").write_text(SITE.format(folder=folder))
    (folder / "job.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "large.bin").write_bytes(os.urandom(100_000))
    with _running_ce(folder):
        yield folder


def test_a_pilot_s_whole_way_by_the_command_line(place: Path) -> None:
    submission = ("submit", "job.sh", "--input", "large.bin", "--cpus", "4", "--key", "k", "--", "-x")
    submitted = _json(place, *submission)
    pilot_id = str(submitted["id"])
    assert submitted["state"] == "idle"
    assert _json(place, *submission)["id"] == submitted["id"]
    shown = _json(place, "show", pilot_id)
    assert (shown["attributes"], shown["arguments"]) == ({"xcount": 4}, ["-x"])
    assert [file["name"] for file in shown["inputs"]] == ["job.sh", "large.bin"]
    assert (
        "its stdout is fetched when its batch job has ended"
        in _run(place, 1, "pilots", "output", pilot_id)[1]
    )
    (removed,) = _json(place, "remove", pilot_id, "--reason", "it is done with")
    assert "it is done with" in removed["reason"]
    assert _json(place, "show", pilot_id)["history"][0]["what"] == "received"
    for command in ("show", "remove"):
        assert _run(place, 0, "pilots", command, pilot_id)[0].startswith(f"pilot {pilot_id}: ")


def test_pages_and_filters_are_those_of_the_api(place: Path) -> None:
    ids = [pilot["id"] for pilot in _json(place, "submit", "job.sh", "--count", "3")]
    listed = [pilot["id"] for pilot in _json(place, "list", "--all")]
    assert listed == sorted(listed)
    assert listed[-3:] == ids
    assert [pilot["id"] for pilot in _json(place, "list", "--limit", "2")] == ids[1:]
    wanted = (
        "list",
        "--state",
        "running",
        "--state",
        "lost",
        "--route",
        "x",
        "--cluster",
        "x",
        "--batch-id",
        "1",
    )
    assert _json(place, *wanted) == []


def test_what_the_api_refuses_is_told(place: Path) -> None:
    _, told = _run(place, 1, "pilots", "submit", "job.sh", "--attribute", "xcount=many")
    assert told == "error: attribute xcount: 'many' is not a whole number of at least 1\n"
    (place / "wrong").write_text("not-this-ce-s-token-at-all")
    assert (
        "does not accept the token in ./wrong" in _run(place, 1, "pilots", "list", "--token-file", "wrong")[1]
    )


def test_the_site_is_shown(place: Path) -> None:
    told, _ = _run(place, 0, "site", "show")
    assert "127.0.0.1:1" in told
    assert told.splitlines()[-1].split()[:2] == ["default", "main"]


def test_the_site_s_health_is_told_with_what_to_do(place: Path) -> None:
    deadline = time.monotonic() + 60
    while "poor: cluster main cannot be reached" not in (told := _run(place, 0, "site", "status")[0]):
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    assert "\nPoor; " in told  # after some minutes an outage stands before it
    assert "    -> mend what it says, then run `hosted-ce site resume main` to try at once\n" in told
    assert _run(place, 0, "nodes") == ("", "no pilot has ended on a node within six hours\n")


def test_where_pilots_go_is_explained(place: Path) -> None:
    told, _ = _run(place, 0, "route", "explain", "xcount=4", "queue=osg", "--account", "osg01")
    assert told.startswith("a pilot (account osg01, VO osg01): route default takes it\n")
    assert "kept back: cluster main: nothing is submitted now" in told
    told, _ = _run(place, 1, "route", "explain", "xcount=4", "--account", "other")
    assert "is for account osg01, and the pilot's is other" in told
    pilot_id = str(_json(place, "submit", "job.sh", "--cpus", "4", "--env", "A=b")["id"])
    script, _ = _run(place, 0, "route", "render", pilot_id)
    assert "#SBATCH --cpus-per-task=4\n" in script
    assert "export A=b\n" in script
    assert "there is no pilot 999999" in _run(place, 1, "route", "explain", "999999")[1]


def test_all_that_a_ce_makes_in_its_state_folder_is_known_as_its_own(place: Path) -> None:
    made = {path.name for path in (place / "state").iterdir()}
    assert {"token", "hosted-ce.sqlite", "hosted-ce.sqlite-wal"} <= made
    assert [name for name in made if not is_ours(name)] == []


def test_a_second_ce_on_the_same_state_folder_is_refused(place: Path) -> None:
    _, told = _run(place, 1, "serve", "--site", "site.yaml", "--port", "0")
    assert told.startswith("error: another CE (process ")


def test_a_pause_and_tokens_are_remembered_by_the_next_process(tmp_path: Path, place: Path) -> None:
    folder = tmp_path / "ce"
    shutil.copytree(place, folder, ignore=shutil.ignore_patterns("state"))
    with _running_ce(folder):
        told, _ = _run(folder, 0, "site", "pause", "main", "--reason", "maintenance")
        assert told == "main: paused paused by rest:operator: maintenance\n"
        assert "there is no cluster 'x'" in _run(folder, 1, "site", "resume", "x")[1]
        ada, _ = _run(folder, 0, "token", "create", "--role", "operator", "--name", "Ada Lovelace")
        (folder / "ada.token").write_text(ada)
    with _running_ce(folder):
        [cluster] = json.loads(_run(folder, 0, "site", "show", "--json")[0])["clusters"]
        assert (cluster["state"], cluster["submitting"]) == ("paused", False)
        told, _ = _run(folder, 0, "site", "resume", "main", "--token-file", "ada.token")
        assert "paused" not in told
        _run(folder, 0, "site", "accept-spool", "main")
        told, _ = _run(folder, 0, "token", "revoke", "ada lovelace")
        assert told.startswith("token 1 (Ada Lovelace): revoked at ")
    with _running_ce(folder):
        assert "paused" not in _run(folder, 0, "site", "show")[0]
        assert "'Ada Lovelace' was revoked" in _run(folder, 1, "q", "--token-file", "ada.token")[1]
        [token] = json.loads(_run(folder, 0, "token", "list", "--all", "--json")[0])["tokens"]
        assert token["last_used_at"]


def test_EN6_only_a_pilot_in_doubt_is_settled_by_hand(place: Path) -> None:
    pilot_id = str(_json(place, "submit", "job.sh")["id"])
    for command in (("adopt", pilot_id, "--batch-id", "17"), ("abandon", pilot_id)):
        assert "only what is doubtful is settled by hand" in _run(place, 1, "pilots", *command)[1]


@contextlib.contextmanager
def _running_ce(folder: Path) -> Iterator[None]:
    with (folder / "log").open("ab") as log:
        serve = _command("serve", "--site", "site.yaml", "--port", "0")
        with subprocess.Popen(serve, cwd=folder, stdout=log, stderr=log, env=_environment()) as process:
            try:
                _wait_for(folder / "state" / "endpoint", process)
                yield
            finally:
                process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
    assert not (folder / "state" / "endpoint").exists()


def _json(place: Path, command: str, *arguments: str) -> Any:
    return json.loads(_run(place, 0, "pilots", command, "--json", *arguments)[0])


def _run(place: Path, exit_code: int, *arguments: str) -> tuple[str, str]:
    done = subprocess.run(
        _command(*arguments), check=False, cwd=place, env=_environment(), capture_output=True, text=True
    )
    assert done.returncode == exit_code, done.stderr
    return done.stdout, done.stderr


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "hosted_ce.cli.main", *arguments]


def _environment() -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HOSTED_CE_")}
    return plain | {"HOSTED_CE_ROOT": "true"}


def _wait_for(file: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while not file.exists():
        assert process.poll() is None, "the CE ended"
        assert time.monotonic() < deadline, "the CE did not start"
        time.sleep(0.05)
