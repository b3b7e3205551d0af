"""The lab's HTCondors: Debian's programs, run by ordinary accounts, and nothing of them is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.condor import root
from tests.e2e.condor.ce import start_minimal_ce
from tests.e2e.condor.factory import Factory
from tests.e2e.condor.lab import CondorLab, running_condor_lab
from tests.e2e.lab import process
from tests.e2e.lab.account import Account
from tests.e2e.lab.daemons import ENVIRONMENT, attempt
from tests.e2e.lab.ordinary import as_account
from tests.e2e.lab.process import LabError
from tests.e2e.lab.remains import assert_nothing_remains, leave_file

pytestmark = pytest.mark.e2e

_PROJECT = Path(__file__).parents[3]


def test_tree_is_built_once_and_then_only_named() -> None:
    first = root.installed()
    started = first.stat().st_ctime
    assert root.installed() == first
    assert first.stat().st_ctime == started


def test_tree_that_cannot_be_built_says_what_to_do(tmp_path: Path) -> None:
    script = str(_PROJECT / "tests" / "install-condor-root.sh")
    nowhere = {"HOSTED_CE_TEST_CACHE": str(tmp_path), "DEBIAN_MIRROR": "http://127.0.0.1:1/debian"}
    failed = attempt([script], nowhere)
    assert failed.returncode == 1
    assert b"Does this machine reach http://127.0.0.1:1/debian" in failed.stderr
    assert [path.suffix for path in tmp_path.glob("condor-root-*")] == [".log"]


def test_programs_are_sids_and_keep_process_and_user(condor_lab: CondorLab, factory: Factory) -> None:
    condor = factory.condor
    assert "$CondorVersion: 25." in condor.tool("condor_version")
    master = condor.master.pid
    assert master is not None
    assert process.command_name(master) == "condor_master"
    assert Path(f"/proc/{master}/exe").resolve().is_relative_to(condor_lab.root)
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in condor.pids()}
    assert owners == {condor_lab.accounts["factory"].uid}


def test_daemon_that_does_not_come_up_is_quoted(condor_lab: CondorLab) -> None:
    with pytest.raises(LabError, match=r"(?s)condor_master ended at once.*Configuration Error Line"):
        start_minimal_ce(condor_lab, "not a setting", host="broken.lab.test")


def test_python_of_the_project_runs_as_an_ordinary_account(condor_lab: CondorLab) -> None:
    account = condor_lab.accounts["ce"]
    script = "import os, time, hosted_ce; print(os.getuid(), os.getpid(), flush=True); time.sleep(600)"
    with _python(account, script) as child:
        assert child.stdout is not None
        assert child.stdout.readline().split() == [str(account.uid), str(child.pid)]
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=60) == -signal.SIGTERM


def test_closed_lab_leaves_nothing() -> None:
    with running_condor_lab() as lab:
        ce = start_minimal_ce(lab)
        pids = [lab.supervisor.pid, *ce.pids()]
        assert len(pids) > 4
        files = [leave_file(account) for account in lab.accounts.values()]
    assert_nothing_remains(pids, [lab.folder, *files])


def _python(account: Account, script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        as_account(account, [sys.executable, "-c", script]),
        env={**ENVIRONMENT, **account.environment},
        cwd=_PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
