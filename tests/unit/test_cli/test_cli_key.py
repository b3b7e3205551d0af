"""`hosted-ce key`: the line for authorized_keys, and the agent to install."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import asyncssh
import pytest
import yaml
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from bosco.installed import agent_program
from bosco.ssh.identity import KeyUse
from hosted_ce.cli.main import app
from hosted_ce.daemon.key_uses import KeyUses
from hosted_ce.first_contact.rotation import finish
from hosted_ce.metric_groups.keys import KeyMetrics

RUN = CliRunner()
AUTHORIZE = ["key", "authorize", "--site"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    key = asyncssh.generate_private_key("ssh-ed25519", comment="hosted-ce X")
    key.write_private_key(tmp_path / "osg01.key")
    cluster = {
        "batch": "sge", "login": [{"host": "login.example.edu"}], "account": "osg01",
        "key": str(tmp_path / "osg01.key"), "known_hosts": str(tmp_path / "known_hosts"),
        "path": ["/opt/sge/bin"], "environment": {"SGE_ROOT": "/opt/sge"}, "spool": "/data/osg/hosted-ce",
    }  # fmt: skip
    local = {"batch": "slurm", "transport": "local", "account": "osg01"}
    document = {
        "site": "X", "resource": "X-CE1", "contacts": ["a@example.edu"],
        "clusters": {"main": cluster, "here": local},
        "routes": [{"name": "all", "cluster": "main", "request": {"walltime": "1h"}}],
    }  # fmt: skip
    path = tmp_path / "site.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def test_the_line_restricts_and_says_from_where(site: Path) -> None:
    done = RUN.invoke(app, [*AUTHORIZE, str(site), "--cluster", "main", "--from", "192.0.2.7"])
    assert done.exit_code == 0, done.output
    public = asyncssh.read_private_key(site.parent / "osg01.key").export_public_key().decode().strip()
    assert done.stdout == f'restrict,from="192.0.2.7" {public}\n'


@pytest.fixture
def behind(site: Path) -> Path:
    """The same with two jump hosts before the login node: a with a key of its own, b with the cluster's."""
    document = yaml.safe_load(site.read_text())
    own = site.parent / "jump.key"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(own)
    document["clusters"]["main"]["jump"] = [
        {"host": "a.example.edu", "key": str(own)}, {"host": "b.example.edu", "account": "jumper"},
    ]  # fmt: skip
    site.write_text(yaml.safe_dump(document))
    return site


def test_the_login_nodes_line_is_the_first_and_jump_hosts_have_lines_for_their_own_keys(behind: Path) -> None:
    done = RUN.invoke(
        app, [*AUTHORIZE, str(behind), "--cluster", "main", "--from", "192.0.2.7", "--confined"]
    )
    assert done.exit_code == 0, done.output
    told, found = done.stdout.splitlines()[::2], done.stdout.splitlines()[1::2]
    assert told == [
        f"# for authorized_keys of {at}.example.edu" for at in ("osg01@login", "osg01@a", "jumper@b")
    ]
    through = 'restrict,port-forwarding,permitlisten="localhost:1",permitopen='
    lines = [line.partition(" ssh-ed25519 ") for line in found]
    assert lines[0][0].startswith('restrict,from="192.0.2.7",command="/usr/bin/python3 -IS ')
    assert [line[0] for line in lines[1:]] == [
        f'{through}"{following}:22",from="192.0.2.7",command="/bin/false"'
        for following in ("b.example.edu", "login.example.edu")
    ]
    halves = [
        asyncssh.read_private_key(str(behind.parent / name)).export_public_key()
        for name in ("osg01.key", "jump.key")
    ]
    assert [line[2].split()[0] for line in lines] == [
        halves[which].split()[1].decode() for which in (0, 1, 0)
    ]


def test_all_that_is_printed_lets_the_key_in_at_a_login_node_as_its_own_line_does(behind: Path) -> None:
    done = RUN.invoke(app, [*AUTHORIZE, str(behind), "--cluster", "main"])
    key = asyncssh.read_private_key(str(behind.parent / "osg01.key")).convert_to_public()
    options = asyncssh.import_authorized_keys(done.stdout).validate(key, "login.example.edu", "192.0.2.7")
    assert options is not None
    assert "command" not in options


@pytest.mark.parametrize(
    ("host", "begins"),
    [
        ("login", "restrict ssh-ed25519 "),
        ("a", "restrict,port-forwarding"),
        ("b", "restrict,port-forwarding"),
    ],
)
def test_one_place_is_its_line_alone(behind: Path, host: str, begins: str) -> None:
    named = ["--host", f"{host}.example.edu"]
    done = RUN.invoke(app, [*AUTHORIZE, str(behind), "--cluster", "main", *named])
    assert done.exit_code == 0, done.output
    [line] = done.stdout.splitlines()
    assert line.startswith(begins)
    done = RUN.invoke(app, [*AUTHORIZE, str(behind), "--cluster", "main", "--host", "c.example.edu"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--host is one of: login.example.edu, a.example.edu, b.example.edu" in done.stderr


def test_a_jump_host_whose_key_cannot_be_told_refuses_its_own_line_alone(behind: Path) -> None:
    (behind.parent / "jump.key").unlink()
    done = RUN.invoke(app, [*AUTHORIZE, str(behind), "--cluster", "main"])
    assert done.exit_code == 2
    told = [line for line in done.stdout.splitlines() if line.startswith("#")]
    assert told == [f"# for authorized_keys of {at}.example.edu" for at in ("osg01@login", "jumper@b")]
    assert "no line for osg01@a.example.edu: the key" in done.stderr
    done = RUN.invoke(app, [*AUTHORIZE, str(behind), "--cluster", "main", "--host", "login.example.edu"])
    assert (done.exit_code, done.stdout.split()[:2]) == (0, ["restrict", "ssh-ed25519"])


def test_keys_are_listed_with_the_next_one_and_their_last_use(site: Path) -> None:
    key, state = site.parent / "osg01.key", site.parent / "state"
    state.mkdir()
    made = KeyUse("osg01@login", key, asyncssh.read_private_key(str(key)).get_fingerprint(), certified=False)
    metrics = KeyMetrics(CollectorRegistry())
    for now in (1000.0, 2000.0):
        KeyUses(state, metrics, lambda at=now: at).used(made)  # type: ignore[misc]
    (state / "keys" / "broken.json").write_text("{")
    begun = RUN.invoke(app, ["key", "rotate", "begin", "--site", str(site), "--cluster", "main"])
    assert begun.exit_code == 0, begun.output
    listing = ["key", "list", "--site", str(site), "--state", str(state)]
    now_used, following = json.loads(RUN.invoke(app, [*listing, "--json"]).stdout)
    assert (now_used["use"], now_used["last_used"], now_used["logins"]) == (
        "in use",
        "1970-01-01T00:33:20Z",
        2,
    )
    assert (following["use"], following["last_used"]) == ("next", None)
    assert following["fingerprint"] != now_used["fingerprint"]
    plain = RUN.invoke(app, listing)
    assert now_used["fingerprint"] in plain.stdout


def test_a_next_key_gets_the_line_of_each_host_that_has_the_key(site: Path) -> None:
    document = yaml.safe_load(site.read_text())
    main = document["clusters"]["main"]
    main["jump"] = [{"host": "a.example.edu"}, {"host": "b.example.edu", "account": "jumper"}]
    site.write_text(yaml.safe_dump(document))
    done = RUN.invoke(app, ["key", "rotate", "begin", "--site", str(site), "--cluster", "main"])
    assert [line.partition(" ssh-ed25519")[0] for line in done.stdout.splitlines()[1::2]] == [
        "restrict",
        'restrict,port-forwarding,permitlisten="localhost:1",permitopen="b.example.edu:22",command="/bin/false"',
        'restrict,port-forwarding,permitlisten="localhost:1",permitopen="login.example.edu:22",'
        'command="/bin/false"',
    ]
    assert done.stdout.splitlines()[-2] == "# for authorized_keys of jumper@b.example.edu"
    done = RUN.invoke(
        app, ["key", "rotate", "begin", "--site", str(site), "--cluster", "main", "--jump", "c.example.edu"]
    )
    assert "--jump is one of: a.example.edu, b.example.edu" in done.stderr


def test_a_key_of_an_agent_is_known_by_its_public_half(site: Path) -> None:
    key = site.parent / "osg01.key"
    public = asyncssh.read_private_key(str(key)).export_public_key()
    key.write_bytes(public)
    done = RUN.invoke(app, [*AUTHORIZE, str(site), "--cluster", "main"])
    assert done.stdout == f"restrict {public.decode().strip()}\n"
    token = site.parent / "token.pub"
    asyncssh.generate_private_key("ssh-ed25519").write_public_key(token)
    begin = ["key", "rotate", "begin", "--site", str(site), "--cluster", "main", "--public", str(token)]
    done = RUN.invoke(app, begin)
    assert done.stdout.split()[1:] == token.read_text().split()
    finish(key)
    assert key.read_text() == token.read_text()


def test_the_confined_line_has_what_the_batch_system_needs(site: Path) -> None:
    done = RUN.invoke(app, ["key", "authorize", "--site", str(site), "--cluster", "main", "--confined"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(
        'restrict,command="/usr/bin/python3 -IS /usr/local/libexec/hosted-ce-agent --batch sge --spool '
        '/data/osg/hosted-ce --path /opt/sge/bin --set SGE_ROOT=/opt/sge" ssh-ed25519 '
    )
    assert "hosted-ce key agent" in done.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "--cluster is one of: here, main"),
        (["--cluster", "other"], "--cluster is one of: here, main"),
        (["--cluster", "here"], "there is no key"),
        (["--cluster", "main", "--from", 'x"y'], "a comma, a space or a quote"),
        (["--cluster", "main", "--program", "/x"], "it goes with --confined"),
        (["--cluster", "main", "--confined", "--program", "x"], "needs a whole path"),
    ],
)
def test_what_cannot_be_is_told(site: Path, more: list[str], said: str) -> None:
    done = RUN.invoke(app, ["key", "authorize", "--site", str(site), *more])
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_key_that_is_not_there_or_has_a_passphrase_is_told(site: Path) -> None:
    key = site.parent / "osg01.key"
    argv = ["key", "authorize", "--site", str(site), "--cluster", "main"]
    key.write_bytes(
        asyncssh.generate_private_key("ssh-ed25519").export_private_key("pkcs8-pem", passphrase="secret")
    )
    assert "without a passphrase" in RUN.invoke(app, argv).stderr
    key.unlink()
    assert "cannot be read: No such file" in RUN.invoke(app, argv).stderr


def test_the_agent_is_written_as_a_program_that_says_what_it_is_for(tmp_path: Path) -> None:
    file = tmp_path / "agent"
    assert RUN.invoke(app, ["key", "agent", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o755
    assert file.read_text() == agent_program() == RUN.invoke(app, ["key", "agent"]).stdout
    argv = [sys.executable, "-IS", str(file), "--batch", "slurm", "--spool", str(tmp_path)]
    environment = {**os.environ, "SSH_ORIGINAL_COMMAND": "id"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=20)
    assert "starts the agent of a hosted_ce and nothing else" in done.stderr
    assert RUN.invoke(app, ["key", "agent", str(tmp_path / "no" / "agent")]).exit_code == 2
