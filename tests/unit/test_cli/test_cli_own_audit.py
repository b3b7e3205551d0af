"""What commands change without a CE is in the audit log of its state folder, if that is theirs."""

from __future__ import annotations

import json
import os
import pwd
import re
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from hosted_ce.settings import Settings
from tests.fakes.secrets import PASSWORD, shown
from tests.fakes.sites import cluster, route, write_site
from tests.unit.test_cli.conftest import Run

ME = pwd.getpwuid(os.geteuid()).pw_name
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def site(folder: Path) -> Path:
    (folder / "state").mkdir(mode=0o700)
    asyncssh.generate_private_key("ssh-ed25519", comment="x").write_private_key(folder / "osg01.key")
    (folder / "osg01.key").chmod(0o600)
    return write_site(
        folder / "x.yaml", route("a"), clusters={"main": cluster(key=str(folder / "osg01.key"))}
    )


def audit(folder: Path) -> list[dict[str, Any]]:
    text = Settings(state=folder / "state").audit_file.read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_each_change_of_a_key_is_taken_down(run: Run, folder: Path, site: Path) -> None:
    assert run("key", "authorize", "--site", str(site), "--from", "192.0.2.7").exit_code == 0
    for act in ("begin", "abort"):
        done = run("key", "rotate", act, "--site", str(site))
        assert done.exit_code == 0, done.output
    records = audit(folder)
    assert [each["action"] for each in records] == ["authorize_key", "begin_key_change", "abort_key_change"]
    assert {(each["door"], each["outcome"]) for each in records} == {("cli", "allowed")}
    assert all(re.fullmatch(rf"{ME}( \(.* by sudo\))?", each["who"]) for each in records)
    assert records[0]["line"].startswith('restrict,from="192.0.2.7" ssh-ed25519 AAAA')
    assert (folder / "state" / "audit" / "audit.jsonl").stat().st_mode & 0o777 == 0o600
    assert "begin_key_change" in run("audit").stdout


def test_an_upgrade_is_taken_down_once(run: Run, folder: Path) -> None:
    (folder / "state").mkdir(mode=0o700)
    for _ in range(2):
        assert run("db", "upgrade").exit_code == 0
    (record,) = audit(folder)
    assert record["action"] == "upgrade_database"
    assert record["after"] in run("db", "status").stdout


def test_a_change_that_failed_leaves_no_record(run: Run, folder: Path, site: Path) -> None:
    assert run("key", "rotate", "abort", "--site", str(site)).exit_code == 1
    assert not (folder / "state" / "audit").exists()


def test_no_secret_is_written(run: Run, folder: Path, site: Path) -> None:
    assert run("key", "rotate", "begin", "--site", str(site), env={"SUDO_USER": f"token={PASSWORD}"})
    assert not shown(json.dumps(audit(folder)))


@needs_root
def test_no_file_is_made_in_another_accounts_folder(run: Run, folder: Path, site: Path) -> None:
    os.chown(folder / "state", pwd.getpwnam("nobody").pw_uid, -1)
    assert run("key", "authorize", "--site", str(site)).exit_code == 0
    assert list((folder / "state").iterdir()) == []


@pytest.mark.parametrize("where", ["nowhere", "state"])
def test_none_is_made_where_there_is_no_ce_or_no_log_is_wanted(
    run: Run, folder: Path, site: Path, where: str
) -> None:
    command = ("key", "authorize", "--site", str(site), "--state-dir", where)
    assert run(*command, env={"HOSTED_CE_AUDIT_FILE_SIZE": "0"} if where == "state" else {}).exit_code == 0
    assert not (folder / "nowhere").exists()
    assert list((folder / "state").iterdir()) == []


def test_a_log_that_cannot_be_written_is_told_and_the_act_is_done(run: Run, folder: Path, site: Path) -> None:
    (folder / "state" / "audit").write_text("in the way")
    done = run("key", "rotate", "begin", "--site", str(site))
    assert done.exit_code == 0
    assert "not in the audit log, which cannot be written" in done.stderr
    assert "ssh-ed25519" in done.stdout
