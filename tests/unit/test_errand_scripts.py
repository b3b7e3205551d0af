"""The scripts of test pilots, run by the shells that worker nodes have."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.checks.node.parse import parse
from hosted_ce.checks.node.script import probe_arguments, probe_script
from hosted_ce.checks.node.targets import NOWHERE
from hosted_ce.routing.aim import ANYWHERE
from hosted_ce.test_pilots.errands import errand_of
from hosted_ce.test_pilots.kind import Kind

SHELLS = [shell for shell in ("dash", "bash", "busybox sh") if shutil.which(shell.split()[0])]
PATH = "/usr/local/bin:/usr/bin:/bin"
LIMIT = 300_000


def run(script: bytes, folder: Path, shell: str, *arguments: str, **environment: str) -> str:
    (folder / "script.sh").write_bytes(script)
    done = subprocess.run(
        [*shell.split(), "script.sh", *arguments], cwd=folder, env={"PATH": PATH, **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout


def stress(folder: Path, shell: str, limit: str = "", **environment: str) -> dict[str, Any]:
    script = errand_of(Kind.STRESS, ANYWHERE).script
    (folder / "limited.sh").write_bytes(script)
    found: dict[str, Any] = json.loads(
        run(f"{limit}\n. ./limited.sh".encode(), folder, shell, "0", **environment)
    )
    return found


@pytest.mark.parametrize("shell", SHELLS)
def test_a_hello_says_where_it_is_and_keeps_secrets(tmp_path: Path, shell: str) -> None:
    secrets = {"BEARER_TOKEN": "s3cret", "MY_PASSWORD": "s3cret", "SLURM_JOB_ID": "4711"}
    said = run(errand_of(Kind.HELLO, ANYWHERE).script, tmp_path, shell, HOSTED_CE_CPUS="2", **secrets)
    assert "s3cret" not in said
    assert "  BEARER_TOKEN=..." in said
    assert "  SLURM_JOB_ID=4711" in said
    assert "asked 2" in said
    assert f"folder:      {tmp_path}" in said


@pytest.mark.parametrize("shell", SHELLS)
def test_a_stress_tells_what_it_was_given(tmp_path: Path, shell: str) -> None:
    found = stress(tmp_path, shell, HOSTED_CE_CPUS="1", HOSTED_CE_MEMORY_MB="230")
    assert (found["verdict"], found["problems"]) == ("pass", [])
    assert found["memory_mb"] == {"asked": 230, "limit": None, "touched": 30}
    assert [each.name for each in tmp_path.iterdir() if "stress" in each.name] == [], "it leaves nothing"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_stress_that_was_given_less_says_so(tmp_path: Path, shell: str) -> None:
    found = stress(
        tmp_path, shell, f"ulimit -v {LIMIT}", HOSTED_CE_CPUS="512", HOSTED_CE_MEMORY_MB="600"
    )  # fmt: skip
    assert found["verdict"] == "fail"
    assert "asked for 512 cores, may use" in found["problems"][0]
    assert found["problems"][1] == f"asked for 600 MB of memory, may use {LIMIT // 1024}"
    assert "could not use 400 MB of memory" in found["problems"]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_look_around_leaves_nothing(tmp_path: Path, shell: str) -> None:
    said = run(probe_script(), tmp_path, shell, *probe_arguments("nonce123", NOWHERE, scratch=str(tmp_path)))
    report = parse(said.encode(), "nonce123")
    assert report
    assert (report.complete, report.scratch_write, report.scratch_exec) == (True, "ok", "ok")
    assert [each.name for each in tmp_path.iterdir()] == ["script.sh"]


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    scripts = [probe_script(), *(errand_of(kind, ANYWHERE).script for kind in Kind)]
    for number, script in enumerate(scripts):
        (tmp_path / f"{number}.sh").write_bytes(script)
    argv = ["shellcheck", "-s", "sh", *(str(path) for path in sorted(tmp_path.iterdir()))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout == ""
