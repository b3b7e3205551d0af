"""A key is changed for its next one while pilots come and go, at a real login node with a real Slurm."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hosted_ce.cli.main import app
from tests.e2e.ce import Ce
from tests.e2e.gate import Gate
from tests.e2e.identities.own_sshd import public
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
RUN = CliRunner()


@pytest.fixture
def authorized(lab: Lab) -> Iterator[Path]:
    """The account's authorized_keys, as it was before in the end."""
    path = lab.known_hosts.parent / "authorized_keys"
    before = path.read_text()
    yield path
    path.write_text(before)


@pytest.fixture
def ce(lab: Lab, authorized: Path, tmp_path: Path) -> Iterator[Ce]:
    """A CE with a confined key of its own: a copy, since it is to go."""
    for end in ("", ".pub"):
        shutil.copy(f"{lab.sshd.confined_key}{end}", tmp_path / f"key{end}")
    (tmp_path / "ce").mkdir()
    ce = Ce(lab, tmp_path / "ce", key=str(tmp_path / "key"), poll="1s")
    ce.start()
    yield ce
    ce.stop()


def _key(ce: Ce, *words: str) -> Result:
    return RUN.invoke(app, ["key", *words, "--site", str(ce.site_file)])


def _finish(ce: Ce) -> Result:
    return _key(ce, "rotate", "finish", "--state", str(ce.state))


def _last_used(ce: Ce) -> dict[str, str | None]:
    done = RUN.invoke(app, ["key", "list", "--site", str(ce.site_file), "--state", str(ce.state), "--json"])
    return {record["use"]: record["last_used"] for record in json.loads(done.stdout)}


def test_a_key_is_changed_while_pilots_run(
    ce: Ce, lab: Lab, gate: Gate, authorized: Path, tmp_path: Path
) -> None:
    program = authorized.parent / "hosted-ce-agent"
    long = [ce.submit(f"#!/bin/sh\n{gate.waits}\necho whole\n")["id"] for _ in range(3)]
    ce.wait(long, {"running"})
    assert _key(ce, "rotate", "status").exit_code == 1, "nothing is under way"
    begun = _key(ce, "rotate", "begin", "--from", lab.host, "--confined", "--program", str(program))
    assert begun.exit_code == 0, begun.output
    before = authorized.read_text()

    # The site has not done it yet; then it has written a line that does not work.
    assert "not accepted" in _key(ce, "rotate", "status").output
    for wrong in ("", f'command="/bin/false" {public(tmp_path / "key.next")}\n'):
        authorized.write_text(before + wrong)
        lab.sshd.kill_sessions()
        [done] = ce.wait([ce.submit("#!/bin/sh\necho still\n")["id"]])
        assert done["state"] == "completed"
        assert _finish(ce).exit_code == 1
        assert _last_used(ce)["next"] is None

    authorized.write_text(before + begun.stdout)
    assert _key(ce, "rotate", "status").exit_code == 0
    lab.sshd.kill_sessions()
    [done] = ce.wait([ce.submit("#!/bin/sh\necho by both\n")["id"]])
    assert done["state"] == "completed"
    assert _last_used(ce)["next"] is not None, "it was shown first, and was taken"
    assert 'hosted_ce_key_last_used_timestamp_seconds{path="' in ce.client.get("/metrics").text

    finished = _finish(ce)
    assert finished.exit_code == 0, finished.output
    assert not list(tmp_path.glob("key.next*"))
    assert _finish(ce).exit_code == 1, "the CE has not logged in by the key in its new place"
    authorized.write_text(begun.stdout)
    lab.sshd.kill_sessions()
    more = ce.submit("#!/bin/sh\necho by the new one\n")["id"]
    gate.open()
    ended = ce.wait([*long, more])
    assert {pilot["state"] for pilot in ended} == {"completed"}
    assert [ce.output(pilot) for pilot in long] == [b"whole\n"] * 3
    assert all(pilot["attempt_number"] == 1 for pilot in ended)
    assert _finish(ce).exit_code == 0
    assert sorted(path.name for path in tmp_path.glob("key*")) == ["key", "key.pub"]


def test_a_change_that_is_given_up_leaves_the_key_in_use(ce: Ce, tmp_path: Path) -> None:
    key = (tmp_path / "key").read_bytes()
    first = _key(ce, "rotate", "begin")
    assert first.stdout == _key(ce, "rotate", "begin").stdout, "the same key, said again"
    assert public(tmp_path / "key.next") in first.stdout
    assert _key(ce, "rotate", "abort").exit_code == 0
    assert sorted(path.name for path in tmp_path.glob("key*")) == ["key", "key.pub"]
    assert (tmp_path / "key").read_bytes() == key
    assert _key(ce, "rotate", "abort").exit_code == 1
