"""The lab itself: a real login node, a real Slurm, and nothing left behind."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.lab import account, process, requirements
from tests.e2e.lab.daemons import run
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.process import LabError, wait_until
from tests.e2e.lab.remains import assert_nothing_remains, leave_file
from tests.e2e.lab.site import Lab, running_lab
from tests.e2e.lab.slurm import Job

pytestmark = pytest.mark.e2e

_PROJECT = Path(__file__).parents[2]


def _ssh(lab: Lab, *command: str) -> list[str]:
    options = {
        "IdentityFile": lab.private_key,
        "IdentitiesOnly": "yes",
        "UserKnownHostsFile": lab.known_hosts,
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "BatchMode": "yes",
    }
    settings = [f"-o{name}={value}" for name, value in options.items()]
    return ["ssh", "-F", "none", *settings, "-p", str(lab.port), f"{lab.account}@{lab.host}", *command]


def _login(lab: Lab, *command: str, script: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _ssh(lab, *command), input=script, capture_output=True, text=True, timeout=60, check=False
    )


def _refusal(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 255
    return done.stderr


def _submit(lab: Lab, body: str, *options: str) -> str:
    argv = ["sbatch", "--parsable", "--output=/dev/null", *options]
    done = lab.run_as_account(argv, input=f"#!/bin/bash\n{body}\n".encode())
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()


def _accounted(lab: Lab, job_id: str) -> str:
    command = ("sacct", "-X", "-n", "-P", "-j", job_id, "-o", "JobIDRaw,User,State,ExitCode")
    return lab.slurm.command(*command).stdout.decode().strip()


def test_job_submitted_over_ssh_runs_as_the_account_and_is_accounted(lab: Lab) -> None:
    script = "#!/bin/bash\nid -un > whoami\npwd >> whoami\nexit 3\n"
    submitted = _login(lab, "sbatch", "--parsable", "--output=/dev/null", "--job-name=first", script=script)
    assert (submitted.returncode, submitted.stderr) == (0, "")
    job_id = submitted.stdout.strip()

    ended = lab.slurm.wait_for_state(job_id, "FAILED")
    assert ended == Job(job_id, "first", "FAILED", str(3 << 8))
    assert (lab.home / "whoami").read_text().split() == [lab.account, str(lab.home)]
    expected = f"{job_id}|{lab.account}|FAILED|3:0"
    wait_until(lambda: _accounted(lab, job_id) == expected, f"sacct says {expected}", seconds=20)


def test_login_needs_the_key_and_checks_the_host_key(lab: Lab, tmp_path: Path) -> None:
    assert _login(lab, "id", "-un").stdout == f"{lab.account}\n"

    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")])
    with_another_key = [
        word.replace(str(lab.private_key), str(tmp_path / "key")) for word in _ssh(lab, "true")
    ]
    assert "Permission denied (publickey)" in _refusal(with_another_key)

    another_host = tmp_path / "known_hosts"
    another_host.write_text(f"[{lab.host}]:{lab.port} {(tmp_path / 'key.pub').read_text()}")
    to_another_host = [word.replace(str(lab.known_hosts), str(another_host)) for word in _ssh(lab, "true")]
    assert "Host key verification failed" in _refusal(to_another_host)


def test_controller_that_comes_back_still_knows_the_job(lab: Lab) -> None:
    job_id = _submit(lab, "exec sleep 600")
    lab.slurm.wait_for_state(job_id, "RUNNING")

    lab.slurm.stop_controller()
    try:
        with pytest.raises(LabError, match="Unable to contact slurm controller"):
            lab.slurm.jobs()
    finally:
        lab.slurm.start_controller()

    assert lab.slurm.wait_for_state(job_id, "RUNNING").id == job_id
    lab.slurm.command("scancel", job_id)
    lab.slurm.wait_for_state(job_id, "CANCELLED")


def test_running_job_survives_a_restart_of_slurmd(lab: Lab) -> None:
    runs = _submit(lab, "exec sleep 600")
    lab.slurm.wait_for_state(runs, "RUNNING")

    lab.slurm.stop_node()
    try:
        assert not lab.slurm.node.is_running()
        assert [pid for pid in _processes(lab) if process.command_name(pid) == "slurmstepd"]
    finally:
        lab.slurm.start_node()

    lab.slurm.command("scancel", runs)
    lab.slurm.wait_for_state(runs, "CANCELLED")


def test_accounting_fails_while_slurmdbd_is_away_and_comes_back(lab: Lab) -> None:
    lab.slurm.stop_dbd()
    try:
        away = lab.slurm.command("sacct", "-n")
        assert (away.returncode, b"Problem talking to the database" in away.stderr) == (1, True)
    finally:
        lab.slurm.start_dbd()
    assert lab.slurm.command("sacct", "-n").returncode == 0


def test_cut_session_ends_the_connection_and_not_what_it_started(lab: Lab) -> None:
    marker = lab.home / "goes-on"
    with _connection(lab, f"sleep 1; touch {marker}") as connection:
        assert lab.sshd.sessions()
        lab.sshd.kill_sessions()
        assert connection.wait(timeout=20) == 255
    wait_until(marker.exists, "the orphaned command goes on", seconds=20)
    assert lab.sshd.sessions() == []


def test_stopped_sshd_refuses_newcomers_and_keeps_its_sessions(lab: Lab) -> None:
    with _connection(lab, "cat") as connection:
        lab.sshd.stop()
        try:
            refused = _login(lab, "true")
            assert (refused.returncode, "Connection refused" in refused.stderr) == (255, True)
            echoed, _ = connection.communicate(b"still here\n", timeout=20)
            assert echoed == b"still here\n"
        finally:
            lab.sshd.start()
    assert _login(lab, "true").returncode == 0


def test_labs_with_other_options_run_beside_each_other(
    lab: Lab, make_lab: Callable[[LabOptions], Lab]
) -> None:
    options = LabOptions(accounting=False, min_job_age=2, cpus=2)
    other = make_lab(options)
    assert make_lab(options) is other
    assert {lab.port, lab.account, lab.home}.isdisjoint({other.port, other.account, other.home})

    assert b"accounting storage is disabled" in other.slurm.command("sacct").stderr
    with pytest.raises(LabError, match="no accounting"):
        other.slurm.stop_dbd()

    first, second, waiting = (_submit(other, "exec sleep 600") for _ in range(3))
    for job_id in (first, second):
        other.slurm.wait_for_state(job_id, "RUNNING")
    assert other.slurm.wait_for_state(waiting, "PENDING").state == "PENDING"
    other.slurm.command("scancel", first, second, waiting)
    wait_until(lambda: other.slurm.jobs() == [], "ended jobs are forgotten", seconds=60)


def test_scancel_ends_what_a_job_detached(lab: Lab) -> None:
    job_id = _submit(lab, "setsid sleep 54321 &\nwait")
    lab.slurm.wait_for_state(job_id, "RUNNING")
    wait_until(lambda: _sleeping(lab, "54321"), "the detached program", seconds=20)
    lab.slurm.command("scancel", job_id)
    wait_until(lambda: not _sleeping(lab, "54321"), "the detached program's end", seconds=20)


def test_more_lines_for_slurm_and_sshd_are_obeyed() -> None:
    options = LabOptions(
        accounting=False,
        slurm_conf_lines=("EnforcePartLimits=ALL", "KillWait=7"),
        max_sessions=1,
        sshd_config_lines=("Banner /etc/passwd",),
    )
    with running_lab(options) as lab:
        settings = lab.slurm.command("scontrol", "show", "config").stdout.decode().split("\n")
        values = dict(line.replace(" ", "").split("=", 1) for line in settings if "=" in line)
        assert (values["KillWait"], values["EnforcePartLimits"]) == ("7sec", "ALL")
        assert "root:x:0:0" in _login(lab, "true").stderr
        effective = run(["/usr/sbin/sshd", "-T", "-f", str(lab.folder / "sshd" / "sshd_config")])
        assert b"maxsessions 1\n" in effective


def test_daemon_that_does_not_come_up_is_quoted() -> None:
    options = LabOptions(accounting=False, slurm_conf_lines=("SelectType=select/none_such",))
    with pytest.raises(LabError, match=r"(?s)slurmctld ended at once.*none_such"), running_lab(options):
        pass


def test_users_own_account_is_never_emptied() -> None:
    home = Path(pwd.getpwnam("games").pw_dir)
    content = list(home.iterdir())
    with pytest.raises(LabError, match="games is not the lab's"):
        account.prepare("games")
    assert list(home.iterdir()) == content


def test_machine_without_slurm_or_root_says_what_to_do() -> None:
    assert requirements.unmet() is None
    missing = requirements.unmet(("sshd", "no-such-command"))
    assert missing is not None
    assert "no-such-command: run tests/install-system-packages.sh" in missing
    assert "as root" in (requirements.unmet(uid=1000) or "")


def test_closed_lab_leaves_nothing() -> None:
    with running_lab(LabOptions(accounting=False)) as lab:
        left_file = _leave_things_behind(lab)
        left_open, supervisor = _processes(lab), lab.munge.supervisor.pid
    assert_nothing_remains([supervisor, *left_open], [lab.folder, left_file])


def test_killed_test_run_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import os, signal; from pathlib import Path; from tests.e2e import test_lab\n"
        f"test_lab.die_in_a_lab(Path({str(tmp_path / 'state')!r}))"
    )
    died = subprocess.run([sys.executable, "-c", program], cwd=_PROJECT, check=False, timeout=100)
    assert died.returncode == -signal.SIGKILL
    folder, left_file, *pids = (tmp_path / "state").read_text().split()
    assert_nothing_remains(map(int, pids), [Path(folder), Path(left_file)])


def die_in_a_lab(state: Path) -> None:
    """What `test_killed_test_run_leaves_nothing` runs in a process of its own."""
    with running_lab(LabOptions(accounting=False)) as lab:
        left_file = _leave_things_behind(lab)
        pids = [lab.munge.supervisor.pid, *_processes(lab)]
        state.write_text("\n".join(map(str, [lab.folder, left_file, *pids])))
        os.kill(os.getpid(), signal.SIGKILL)


def _leave_things_behind(lab: Lab) -> Path:
    """Programs of all kinds, and the file that is returned."""
    job_id = _submit(lab, "trap '' TERM\nsetsid sleep 600 &\nsleep 600")
    lab.slurm.wait_for_state(job_id, "RUNNING")
    assert _login(lab, "setsid -f sleep 600 </dev/null >/dev/null 2>&1").returncode == 0
    wait_until(lambda: len(_sleeping(lab, "600")) == 3, "three programs", seconds=20)
    return leave_file(lab.owner)


def _processes(lab: Lab) -> list[int]:
    return process.descendants(lab.munge.supervisor.pid)


def _sleeping(lab: Lab, seconds: str) -> list[int]:
    command = f"sleep\0{seconds}\0".encode()
    return [pid for pid in _processes(lab) if _command_line(pid) == command]


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def _connection(lab: Lab, command: str) -> Iterator[subprocess.Popen[bytes]]:
    """An SSH connection that has begun to run the command."""
    argv, pipe, nowhere = _ssh(lab, f"echo up; {command}"), subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=nowhere) as connection:
        try:
            assert connection.stdout is not None
            assert connection.stdout.readline() == b"up\n"
            yield connection
        finally:
            connection.kill()
