"""A whole CE that meets secrets wherever it can: nothing that it writes, or packs, shows one.

Its batch system refuses pilots with messages that repeat a token and a key. The pilots' own arguments and
environments are theirs: the API shows them, with the token.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hosted_ce.demo import minislurm
from hosted_ce.redaction import MASK
from tests.fakes.secrets import AUTHORIZATION, JWT, PASSWORD, PRIVATE_KEY, PROXY, shown

ME = pwd.getpwuid(os.getuid()).pw_name
SITE = """\
# a comment with {jwt}
site: Example-University
resource: Example-CE1
clusters:
  main:
    batch: slurm
    transport: local
    account: {me}
    spool: {folder}/spool
    path: [{folder}/bin]
    poll: 1s
    environment: {{MINISLURM_STATE: {folder}/slurm, API_SECRET: {password}, OPAQUE: planted-opaque-value}}
routes:
  - name: default
    request: {{environment: {{MORE: planted-opaque-value}}}}
"""
COMMANDS = ("squeue", "sacct", "scancel", "sinfo", "scontrol")
SLURM = """\
#!/bin/sh
exec {python} -S -E {program} {name} "$@"
"""
SBATCH = """\
#!/bin/sh
cat >&2 <<'END'
sbatch: error: invalid account for --token {password} {jwt}
{key}
{authorization}
END
exit 1
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with a site file, and a batch system that talks too much."""
    folder = tmp_path_factory.mktemp("ce")
    (folder / "bin").mkdir()
    program = Path(minislurm.__file__).with_name("__main__.py")
    for name in COMMANDS:
        _program(folder / "bin" / name, SLURM.format(python=sys.executable, program=program, name=name))
    said = SBATCH.format(password=PASSWORD, jwt=JWT, key=PRIVATE_KEY, authorization=AUTHORIZATION)
    _program(folder / "bin" / "sbatch", said)
    (folder / "site.yaml").write_text(SITE.format(jwt=JWT, me=ME, folder=folder, password=PASSWORD))
    (folder / "front").mkdir()
    return folder


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_no_secret_gets_into_what_a_ce_writes_or_packs(place: Path) -> None:
    with _running(place) as client:
        pilots = [_submitted(client, number) for number in range(2)]
        _until_refused(client, pilots)
        answers = _errors(client, pilots[0]) + _told(client, pilots)
        up = _bundle(place, "up.tar.gz")
    down = _bundle(place, "down.tar.gz")
    token = (place / "state" / "token").read_text().strip()
    written = {
        "standard error": (place / "stderr").read_text(),
        "log": (place / "state" / "log" / "hosted-ce.jsonl").read_text(),
        "audit": (place / "state" / "audit" / "audit.jsonl").read_text(),
        "answers": "\n".join(answers),
        "commands": _run(place, "logs", "-n", "9999")
        + _run(place, "audit", "-n", "9999")
        + _run(place, "why", "1")
        + _run(place, "site", "status"),
        **{f"up {name}": text for name, text in up.items()},
        **{f"down {name}": text for name, text in down.items()},
    }
    assert "sbatch: error" in written["log"]
    assert "sbatch: error" in written["answers"]
    for where, text in written.items():
        assert not shown(text), (where, _around(text))
        assert token not in text or where == "answers", where  # whose requests had it in their path
    assert '"action": "submit_pilot"' in written["audit"]
    masked = ("standard error", "log", "audit", "answers", "commands", "up events.json", "down log.jsonl")
    for where in masked:
        assert MASK in written[where], where
    assert {
        "site.yaml",
        "events.json",
        "log.jsonl",
        "schema.json",
        "api/site.json",
        "metrics.txt",
    } <= up.keys()
    assert "api/site.json" in json.loads(down["manifest.json"])["missing"]
    assert "events.json" in down


def _around(text: str) -> str:
    marks = (text.find(mark) for mark in ("lanted", "cGxhbnRl", "bGFudGVk"))
    at = max(marks)
    return text[max(0, at - 200) : at + 100]


def _submitted(client: httpx.Client, number: int) -> int:
    body = {
        "executable": "job.sh",
        "arguments": [JWT, "--password", PASSWORD],
        "environment": {"SECRET": PASSWORD, "X509": PROXY},
        "attributes": {"Owner": JWT, "xcount": 1},
        "inputs": [{"name": "job.sh", "content": "IyEvYmluL3NoCg==", "executable": True}],
    }
    answer = client.post("/api/v1/pilots", json=body, headers={"Idempotency-Key": f"k{number}"})
    assert answer.status_code == 201, answer.text
    pilot_id: int = answer.json()["id"]
    return pilot_id


def _until_refused(client: httpx.Client, pilots: list[int]) -> None:
    deadline = time.monotonic() + 90
    while True:
        told = [client.get(f"/api/v1/pilots/{one}").json() for one in pilots]
        if all(any("sbatch" in (event["reason"] or "") for event in one["history"]) for one in told):
            return
        assert time.monotonic() < deadline, told
        time.sleep(0.2)


def _errors(client: httpx.Client, pilot: int) -> list[str]:
    """What is answered to requests that are wrong, and repeated in the answer."""
    token = client.headers["Authorization"].removeprefix("Bearer ")
    wrong = {
        "executable": "x",
        "attributes": {"xcount": JWT},
        "inputs": [],
        "environment": {"A": PRIVATE_KEY},
    }
    answers = [
        client.post("/api/v1/pilots", json=wrong),
        client.get(f"/api/v1/{JWT}"),
        client.get("/api/v1/pilots", params={"cursor": JWT, "password": PASSWORD}),
        client.get("/api/v1/pilots", headers={"Authorization": f"Bearer {JWT}"}),
        client.post(f"/api/v1/pilots/{pilot}/hold", params={"reason": f"it has {JWT}"}),
        client.post(f"/api/v1/site/clusters/{JWT}/pause"),
        client.post("/api/v1/site/clusters/main/pause", params={"reason": f"password={PASSWORD}"}),
        client.get(f"/api/v1/files/{token}"),
    ]
    assert {answer.status_code for answer in answers} >= {401, 404, 422}
    return [answer.text for answer in answers if answer.headers["content-type"] != "application/json"]


def _told(client: httpx.Client, pilots: list[int]) -> list[str]:
    """What is told of the site and of the pilots, but for what they brought."""
    texts = [client.get(path).text for path in ("/api/v1/site", "/readyz", "/metrics", "/api/v1/nodes", "/")]
    for pilot in pilots:
        texts.append(client.get(f"/api/v1/pilots/{pilot}/why").text)
        found: dict[str, Any] = client.get(f"/api/v1/pilots/{pilot}").json()
        kept = ("reason", "history", "attempt", "attempts", "hold_cause")
        asked = ("environment", "base_environment")
        for attempt in (found["attempt"], *found["attempts"]):
            attempt["request"] = {k: v for k, v in attempt["request"].items() if k not in asked}
        texts.append(json.dumps({name: found[name] for name in kept}))
    return texts


def _bundle(place: Path, name: str) -> dict[str, str]:
    _run(place, "support-bundle", "-o", name)
    assert (place / name).stat().st_mode & 0o777 == 0o600
    with tarfile.open(place / name) as archive:
        files = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name.partition("/")[2]: file.read().decode() for name, file in files.items() if file}


@contextlib.contextmanager
def _running(place: Path) -> Iterator[httpx.Client]:
    environment = _environment() | {
        "HOSTED_CE_LOG_LEVEL": "debug",
        "HOSTED_CE_SITE": str(place / "site.yaml"),
    }
    command = [sys.executable, "-m", "hosted_ce.cli.main", "serve", "--port", "0"]
    with (
        (place / "stderr").open("wb") as log,
        subprocess.Popen(command, cwd=place, stdout=log, stderr=log, env=environment) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while not (place / "state" / "endpoint").exists():
                assert process.poll() is None, (place / "stderr").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            url = (place / "state" / "endpoint").read_text().strip()
            token = (place / "state" / "token").read_text().strip()
            with httpx.Client(
                base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30
            ) as client:
                yield client
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def _run(place: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "hosted_ce.cli.main", *arguments]
    done = subprocess.run(command, check=False, cwd=place, env=_environment(), capture_output=True, text=True)
    return done.stdout + done.stderr


def _environment() -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HOSTED_CE_")}
    return plain | {"HOSTED_CE_ROOT": "true"}
