"""A CE with a certificate of its own, and the commands of its machine; where it does not start."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

SITE = """\
site: Example-University
resource: Example-CE1
clusters:
  main:
    {{batch: slurm, login: [{{host: 127.0.0.1, port: 1}}], account: osg01, key: {0}/key, known_hosts: {0}/kh}}
routes: [{{name: default}}]
"""


def put_pair(folder: Path, until: dt.datetime | None = None) -> None:
    issued = trustme.CA().issue_cert("ce.example.edu", not_after=until)
    (folder / "cert.pem").write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
    (folder / "key.pem").write_bytes(issued.private_key_pem.bytes())
    (folder / "key.pem").chmod(0o600)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(SITE.format(tmp_path))
    for name in ("key", "kh"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o600)
    put_pair(tmp_path)
    return tmp_path


def environment(place: Path, **more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HOSTED_CE_")}
    pair = {"HOSTED_CE_TLS_CERTIFICATE": str(place / "cert.pem"), "HOSTED_CE_TLS_KEY": str(place / "key.pem")}
    return plain | pair | {"HOSTED_CE_ROOT": "true"} | more


def ran(place: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hosted_ce.cli.main", *arguments]
    return subprocess.run(
        command, check=False, cwd=place, env=environment(place, **more),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@contextmanager
def running(place: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "hosted_ce.cli.main", "serve", "--site", "site.yaml", "--port", "0"]
    more = {"HOSTED_CE_HOST": "0.0.0.0"}
    with (
        (place / "log").open("ab") as log,
        subprocess.Popen(
            command, cwd=place, stdout=log, stderr=log, env=environment(place, **more)
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while not (place / "state" / "endpoint").exists():
                assert process.poll() is None, (place / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def test_commands_know_the_certificate_of_their_own_machines_ce(place: Path) -> None:
    with running(place):
        assert (place / "state" / "endpoint").read_text().startswith("https://127.0.0.1:")
        assert '"name": "Example-University"' in ran(place, "site", "show", "--json").stdout
        port = int((place / "state" / "endpoint").read_text().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert not plain.recv(100).startswith(b"HTTP/1.1 200"), "nothing is answered in the clear"
        named = ran(
            place, "site", "show", "--url", f"https://127.0.0.1:{port}", "--token-file", "state/token"
        )
        assert (named.returncode, "name its state folder instead" in named.stderr) == (3, True), named.stderr
        (place / "state" / "certificate").write_bytes(trustme.CA().issue_cert("x").cert_chain_pems[0].bytes())
        other = ran(place, "site", "show")
        assert other.returncode == 3
        assert "is not the one of this CE" in other.stderr, "nor is another one taken for the CE"
    assert not (place / "state" / "certificate").exists()


def test_they_know_one_that_is_over_too(place: Path) -> None:
    put_pair(place, dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    with running(place):
        assert '"name": "Example-University"' in ran(place, "site", "show", "--json").stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"HOSTED_CE_TLS_CERTIFICATE": "", "HOSTED_CE_TLS_KEY": ""}, "tokens would go to it in the clear"),
        ({"HOSTED_CE_TLS_KEY": "/nowhere"}, "the key /nowhere cannot be read"),
        ({"HOSTED_CE_TRUSTED_PROXIES": "*"}, "is no address or network"),
    ],
)
def test_where_it_does_not_start(place: Path, more: dict[str, str], said: str) -> None:
    env = {"HOSTED_CE_HOST": "0.0.0.0", **more}
    drop = [name for name, value in env.items() if not value]
    done = subprocess.run(
        [sys.executable, "-m", "hosted_ce.cli.main", "serve", "--site", "site.yaml", "--port", "0"],
        check=False, cwd=place, capture_output=True, text=True, timeout=60,
        env={name: value for name, value in environment(place, **env).items() if name not in drop},
    )  # fmt: skip
    assert done.returncode == 2, "trying again does not mend it"
    assert said in done.stderr
