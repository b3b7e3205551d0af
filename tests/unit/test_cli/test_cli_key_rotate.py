"""`hosted-ce key rotate`: all that have the key are asked, and the old one goes after the CE used the new."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import yaml
from click.testing import Result
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from bosco.approach import Approach, Step
from bosco.ssh.identity import KeyUse, next_key
from bosco.ssh.stream import Login
from hosted_ce.cli.main import app
from hosted_ce.daemon.key_uses import KeyUses
from hosted_ce.first_contact import key_trial
from hosted_ce.metric_groups.keys import KeyMetrics

RUN = CliRunner()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "site.key"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(path)
    return path


@pytest.fixture
def said(tmp_path: Path, key: Path) -> Callable[..., Result]:
    """Says `key rotate` of the cluster main: another has the same key, and a third one at a jump host."""
    other = tmp_path / "other.key"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)
    jump = {"host": "gate.example.edu", "account": "hop", "key": str(key)}
    clusters = {
        "main": _cluster(tmp_path, "a.example.edu", "osg01", key),
        "second": _cluster(tmp_path, "b.example.edu", "osg02", key),
        "behind": _cluster(tmp_path, "c.example.edu", "osg03", other, jump=[jump]),
        "another": _cluster(tmp_path, "d.example.edu", "osg04", other),
    }
    route = {"name": "all", "cluster": "main", "request": {"walltime": "1h"}}
    document = {"site": "X", "resource": "X-CE1", "contacts": ["a@example.edu"], "clusters": clusters}
    (tmp_path / "site.yaml").write_text(yaml.safe_dump({**document, "routes": [route]}))

    def say(word: str, *more: str) -> Result:
        state = ["--state", str(tmp_path / "state")] if word == "finish" else []
        site = ["--site", str(tmp_path / "site.yaml"), "--cluster", "main"]
        return RUN.invoke(app, ["key", "rotate", word, *site, *state, *more])

    return say


def _cluster(folder: Path, host: str, account: str, key: Path, **more: Any) -> dict[str, Any]:
    hosts = str(folder / "known_hosts")
    return {
        "batch": "slurm", "login": [{"host": host}], "account": account, "key": str(key),
        "known_hosts": hosts, **more,
    }  # fmt: skip


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> tuple[set[str], list[Login]]:
    """Hosts that refuse the key, and the logins that were tried."""
    refusing: set[str] = set()
    tried: list[Login] = []

    async def walk(login: Login, **_: object) -> tuple[Approach, None]:
        tried.append(login)
        if login.host in refusing:
            return Approach(login.host, Step.KEY, "the key was not accepted"), None
        return Approach(login.host), None

    monkeypatch.setattr(key_trial, "walk", walk)
    return refusing, tried


def used(folder: Path, key: Path) -> None:
    """The CE has logged in by this key."""
    fingerprint = asyncssh.read_private_key(str(key)).get_fingerprint()
    (folder / "state").mkdir(exist_ok=True)
    uses = KeyUses(folder / "state", KeyMetrics(CollectorRegistry()), lambda: 1000.0)
    uses.used(KeyUse("osg01@a.example.edu:22", key, fingerprint, certified=False))


def test_every_cluster_with_the_key_gets_a_line_and_is_tried(
    said: Callable[..., Result], sites: tuple[set[str], list[Login]], key: Path
) -> None:
    refusing, tried = sites
    begun = said("begin")
    assert begun.exit_code == 0, begun.output
    where = ("osg01@a.example.edu", "osg02@b.example.edu", "hop@gate.example.edu")
    assert begun.stdout.splitlines()[::2] == [f"# for authorized_keys of {each}" for each in where]
    assert ["/bin/false" in line for line in begun.stdout.splitlines()[1::2]] == [False, False, True]
    refusing.add("b.example.edu")
    status = said("status")
    assert status.exit_code == 1
    assert "main: a.example.edu:22: the next key works" in status.stdout
    assert "second: b.example.edu:22: the key was not accepted" in status.stdout
    found = {login.host: login for login in tried}
    assert sorted(found) == ["a.example.edu", "b.example.edu", "c.example.edu"]
    behind = found["c.example.edu"]
    assert behind.key != next_key(key)
    assert [hop.key for hop in behind.via] == [next_key(key)]


def test_a_key_that_one_cluster_does_not_take_stays(
    said: Callable[..., Result], sites: tuple[set[str], list[Login]], tmp_path: Path, key: Path
) -> None:
    said("begin")
    used(tmp_path, next_key(key))
    before, refusing = key.read_bytes(), sites[0]
    refusing.add("b.example.edu")
    done = said("finish")
    assert (done.exit_code, key.read_bytes()) == (1, before)
    assert "second: b.example.edu:22: the key was not accepted" in done.stderr


@pytest.mark.usefixtures("sites")
def test_the_ce_itself_has_logged_in_by_a_key_before_the_old_one_goes(
    said: Callable[..., Result], tmp_path: Path, key: Path
) -> None:
    """Whoever says finish may read what the service cannot."""
    said("begin")
    before, new = key.read_bytes(), next_key(key).read_bytes()
    done = said("finish")
    assert (done.exit_code, key.read_bytes()) == (1, before)
    assert f"the CE has not logged in by {next_key(key)} yet; nothing was changed" in done.stderr
    assert str(tmp_path / "state" / "keys") in done.stderr
    used(tmp_path, next_key(key))
    done = said("finish")
    assert (done.exit_code, key.read_bytes()) == (0, new), done.output
    old = key.with_name("site.key.old")
    assert old.read_bytes() == before
    listing = RUN.invoke(app, ["key", "list", "--site", str(tmp_path / "site.yaml"), "--json"])
    assert str(old) in [each["path"] for each in json.loads(listing.stdout) if each["use"] == "old"]
    done = said("finish")
    assert (done.exit_code, old.exists()) == (1, True), "it has used the key as the next one only"
    used(tmp_path, key)
    done = said("finish")
    assert (done.exit_code, old.exists()) == (0, False), done.output
    assert "tell the site to take its line out: SHA256:" in done.stderr


@pytest.mark.usefixtures("sites")
def test_a_ce_that_does_not_run_has_used_no_key(said: Callable[..., Result], key: Path) -> None:
    said("begin")
    new = next_key(key).read_bytes()
    assert said("finish", "--without-ce").exit_code == 0
    assert key.read_bytes() == new
    assert said("abort").exit_code == 1
    assert said("finish", "--without-ce").exit_code == 0
    assert said("finish", "--without-ce").exit_code == 1, "nothing is under way"
