"""The wrapper in every shell that a worker node's /bin/sh may be."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tools import Barrier
from wrapped_job import KEEPS, PYTHON, Job

from bosco.batch.model import JobRecord
from bosco.batch.wrapper import WRAPPER_FAILED, job_record
from tests.fakes.glidein import PAYLOAD, glidein


@pytest.mark.parametrize("code", [0, 1, 3, 127, 128, 255])
def test_the_pilots_exit_code_is_the_jobs_and_on_record(shell: list[str], tmp_path: Path, code: int) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": f"#!/bin/sh\nexit {code}\n"})
    assert job.run(shell) == code
    assert job.record.exit_code == code
    assert job.record.error is None
    assert job.left() == KEEPS


@pytest.mark.parametrize("scratch", [None, "scratch of this node"])
def test_an_x509_proxy_is_where_its_variable_says(
    shell: list[str], tmp_path: Path, scratch: str | None
) -> None:
    place = tmp_path / scratch if scratch else None
    if place:
        place.mkdir()
    shows = 'echo "$X509_USER_PROXY"\npwd -P\ncd /\ncat "$X509_USER_PROXY"\nstat -c %a "$X509_USER_PROXY"\n'
    job = Job(
        tmp_path / "job", {"pilot.sh": f"#!/bin/sh\n{shows}", "x509up": "proxy\n"}, credentials=("x509up",),
        proxy="x509up", scratch=str(place) if place else None, environment={"PWD": "/elsewhere"},
    )  # fmt: skip
    assert job.run(shell) == 0
    path, work, *rest = job.output().decode().splitlines()
    assert path == f"{work}/x509up"
    assert rest == ["proxy", "600"]


def test_what_the_pilot_says_of_its_proxy_counts(shell: list[str], tmp_path: Path) -> None:
    files = {"pilot.sh": '#!/bin/sh\necho "$X509_USER_PROXY"\n', "x509up": ""}
    job = Job(tmp_path / "job", files, proxy="x509up", environment={"X509_USER_PROXY": "/its/own"})
    assert job.run(shell) == 0
    assert job.output() == b"/its/own\n"


def test_a_pilot_that_is_killed_has_the_shells_code_for_it(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\nkill -9 $$\n"})
    code, log = job.finish(job.start(shell))
    assert (code, b"Killed" in log) == (137, True)
    assert job.record.exit_code == 137


def test_a_pilot_that_cannot_be_executed(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/no/such/interpreter\n"})
    code = job.run(shell)
    assert code in (126, 127)
    assert job.record.exit_code == code
    assert b"pilot.sh" in job.output("stderr")


def test_start_and_end_are_on_record(shell: list[str], tmp_path: Path) -> None:
    before = int(time.time())
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\nprintf 12345; printf 123 >&2\n"})
    job.run(shell, environment={"SLURM_JOB_ID": "4711"})
    record = job.record
    assert (record.batch_id, record.node, record.ended) == ("4711", socket.gethostname(), True)
    assert before <= (record.started_at or 0) <= (record.ended_at or 0) <= time.time()
    assert record.sizes == {"stdout": 5, "stderr": 3}


def test_outputs_are_the_pilots_own_bytes_and_its_input_is_empty(shell: list[str], tmp_path: Path) -> None:
    content = bytes(range(256)) * 300
    pilot = "#!/bin/sh\ncat data.bin; printf 'err\\000' >&2; wc -c >>counted; cat counted >&2\n"
    job = Job(tmp_path / "job", {"pilot.sh": pilot, "data.bin": content})
    job.run(shell)
    assert job.output() == content
    assert job.output("stderr").split() == [b"err\x00", b"0"] or job.output("stderr") == b"err\x000\n"


def test_only_executables_are_executable_and_all_inputs_are_there(shell: list[str], tmp_path: Path) -> None:
    show = "#!/bin/sh\nstat -c '%n %a' -- *; pwd\n"
    job = Job(tmp_path / "job", {"pilot.sh": show, "a=b,c@d+e": b"\0", "Z": b""})
    job.run(shell)
    *files, place = job.output().decode().split("\n")[:-1]
    assert sorted(files) == ["Z 600", "a=b,c@d+e 600", "pilot.sh 700"]
    assert place == str(tmp_path / "job" / "work")


def test_a_glidein_reads_its_own_binary_tail(shell: list[str], tmp_path: Path) -> None:
    script = glidein('printf "<%s>" "$@"; cat payload')
    assert 90_000 < len(script) < 100_000
    job = Job(tmp_path / "job", {"glidein_startup.sh": script}, arguments=("-v", "std", "-dir", "OSG"))
    assert job.run(shell) == 0
    assert job.output() == b"<-v><std><-dir><OSG>" + PAYLOAD
    assert job.output("stderr") == b""


def test_inputs_are_private_whatever_they_were(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\nstat -c '%n %a' *\n", "token": "x", "run": "x"})
    for name, mode in (("pilot.sh", 0o644), ("token", 0o644), ("run", 0o777)):
        (job.folder / "in" / name).chmod(mode)
    job.run(shell, umask=0)
    assert job.output() == b"pilot.sh 700\nrun 600\ntoken 600\n"


def test_where_the_batch_system_gives_neither_home_nor_path_there_are_both(
    shell: list[str], tmp_path: Path
) -> None:
    job = Job(
        tmp_path / "job", {"pilot.py": PYTHON + "import os\nprint(os.environ['HOME'], os.environ['PATH'])\n"}
    )
    argv = [str(shutil.which(shell[0])), *shell[1:], str(job.folder / "job.sh")]
    subprocess.run(argv, env={}, cwd=job.folder, check=True, capture_output=True)
    home, path = job.output().decode().split()
    assert home == pwd.getpwuid(os.getuid()).pw_dir
    assert "/usr/bin" in path.split(":")


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes a user that has no account")
def test_an_account_without_a_home_has_its_start_directory(shell: list[str]) -> None:
    nobody = 4_000_123
    place = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    try:
        job = Job(place / "job", {"pilot.sh": "#!/bin/sh\necho $HOME; pwd\n"})
        for path in (place, *place.rglob("*")):
            os.chown(path, nobody, nobody)
        assert job.run(shell, user=nobody, group=nobody, environment={"HOME": ""}) == 0
        home, start = job.output().decode().splitlines()
        assert home == start
    finally:
        shutil.rmtree(place)


def test_a_home_and_the_schedulers_variables_are_left_alone(shell: list[str], tmp_path: Path) -> None:
    job = Job(
        tmp_path / "job", {"pilot.sh": "#!/bin/sh\necho $HOME $SLURM_JOB_ID $TMPDIR $SLURMD_NODENAME\n"}
    )
    given = {"HOME": "/nowhere", "SLURM_JOB_ID": "17", "TMPDIR": "/t", "SLURMD_NODENAME": "n1"}
    job.run(shell, environment=given)
    assert job.output() == b"/nowhere 17 /t n1\n"


def test_the_wrappers_own_variables_do_not_reach_the_pilot(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\nexec env\n"}, environment={"GLIDEIN_X": "1"})
    job.run(shell, environment={"SITE_X": "2"})
    names = {line.partition("=")[0] for line in job.output().decode().splitlines()}
    assert {"GLIDEIN_X", "SITE_X", "PATH", "HOME"} <= names
    assert not [name for name in names if name.lower().startswith("hce_")]


def test_the_pilots_variables_do_not_change_the_wrapper(shell: list[str], tmp_path: Path) -> None:
    environment = {"PATH": "/nowhere", "HCE_FOLDER": "/etc", "hce_work": "/etc", "IFS": "/", "HOME": "x"}
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\necho $PATH\n"}, environment=environment)
    assert job.run(shell) == 0
    assert job.output() == b"/nowhere\n"
    assert job.left() == KEEPS


def test_the_pilot_has_the_sites_umask_and_its_outputs_are_private(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\numask\n"})
    job.run(shell, umask=0o027)
    assert int(job.output(), 8) == 0o027
    for name in ("stdout", "stderr", "start", "exit"):
        assert (job.folder / name).stat().st_mode & 0o077 == 0


def test_a_folder_with_an_odd_name(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / 'it\'s a "folder" $HOME `x` \\n é', {"pilot.sh": "#!/bin/sh\necho x\n"})
    assert job.run(shell) == 0
    assert job.output() == b"x\n"
    assert job.left() == KEEPS


def test_SL10_a_job_that_is_started_again_has_not_ended(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier]
) -> None:
    begun, go_on = barrier(), barrier()
    job = Job(
        tmp_path / "job", {"pilot.sh": f"#!/bin/sh\n{begun.tell}\n{go_on.pause}\necho $RUN; exit $RUN\n"}
    )
    go_on.release()
    assert job.run(shell, environment={"RUN": "3", "SLURM_JOB_ID": "1"}) == 3
    begun.expect()
    process = job.start(shell, environment={"RUN": "4", "SLURM_JOB_ID": "2"})
    begun.expect()
    record = job.record
    assert (record.batch_id, record.ended, record.exit_code) == ("2", False, None)
    assert job.output() == b""
    go_on.release()
    assert job.finish(process) == (4, b"")
    assert (job.record.exit_code, job.output()) == (4, b"4\n")


def test_SL10_a_job_that_was_killed_and_starts_again_begins_with_a_fresh_folder(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier]
) -> None:
    begun = barrier()
    job = Job(tmp_path / "job", {"pilot.sh": f"#!/bin/sh\nls; touch left\n{begun.tell}\nexec sleep $RUN\n"})
    process = job.start(shell, environment={"RUN": "60"})
    begun.expect()
    os.killpg(process.pid, signal.SIGKILL)
    assert job.finish(process)[0] == -9
    assert (job.record.ended, "work" in job.left()) == (False, True)
    assert job.run(shell, environment={"RUN": "0"}) == 0
    assert job.output() == b"pilot.sh\n"
    assert job.left() == KEEPS


def test_the_scratch_folder_is_used_and_left_as_it_was(shell: list[str], tmp_path: Path) -> None:
    scratch = tmp_path / "scratch of the node"
    scratch.mkdir()
    job = Job(
        tmp_path / "job", {"pilot.sh": "#!/bin/sh\npwd; stat -c %a .; mkdir -p a/b\n"}, scratch=str(scratch)
    )
    assert job.run(shell) == 0
    place, mode = job.output().decode().splitlines()
    assert (Path(place).parent, mode) == (scratch, "700")
    assert list(scratch.iterdir()) == []
    assert job.left() == KEEPS


def test_a_scratch_folder_that_is_not_there_is_on_record(shell: list[str], tmp_path: Path) -> None:
    scratch = tmp_path / "absent"
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\necho never\n"}, scratch=str(scratch))
    code, log = job.finish(job.start(shell))
    assert code == WRAPPER_FAILED
    assert b"mktemp" in log
    record = job.record
    assert (record.exit_code, record.error) == (
        WRAPPER_FAILED,
        f"cannot make a working directory in {scratch}",
    )
    assert f"on {os.uname().nodename}: {record.error}" in job.output("stderr").decode()
    assert job.output() == b""


def test_input_files_that_are_gone_are_on_record(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\necho never\n"})
    shutil.rmtree(job.folder / "in")
    assert job.finish(job.start(shell))[0] == WRAPPER_FAILED
    assert "cannot copy the input files" in (job.record.error or "")
    assert job.left() == KEEPS - {"in", "pid"}


@pytest.mark.parametrize("broken", ["stdout", "stderr", "start.new"])
def test_SS18_a_job_that_cannot_write_its_folder_ends_before_the_pilot_and_has_no_start_record(
    shell: list[str], tmp_path: Path, broken: str
) -> None:
    """As on a full or read-only disk, which root does not see in the permissions."""
    job = Job(tmp_path / "job", {"pilot.sh": f"#!/bin/sh\ntouch {tmp_path}/began\n"})
    (job.folder / broken).mkdir()
    code, _ = job.finish(job.start(shell))
    assert code == WRAPPER_FAILED
    assert job.record.started_at is None
    assert not (tmp_path / "began").exists()


def test_SS18_a_wrapper_that_fails_and_cannot_say_so_takes_its_start_back(
    shell: list[str], tmp_path: Path
) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\n"}, scratch="/nowhere/at/all")
    (job.folder / "exit.new").mkdir()
    code, _ = job.finish(job.start(shell))
    assert (code, job.record) == (WRAPPER_FAILED, JobRecord())


@pytest.mark.parametrize("moment", ["chmod 700", "sh -c"])
def test_a_folder_that_is_emptied_before_the_pilot_begins_is_no_end_of_the_pilot(
    shell: list[str], tmp_path: Path, moment: str
) -> None:
    """Seen in the fault campaign: the shell's own code for a file that it could not open was the pilot's."""
    ran, scratch, tools = tmp_path / "ran", tmp_path / "scratch", tmp_path / "tools"
    job = Job(tmp_path / "job", {"pilot.sh": f"#!/bin/sh\ntouch {ran}\nexit 0\n"}, scratch=str(scratch))
    scratch.mkdir()
    tools.mkdir()
    command, option = moment.split()
    real = shutil.which(command)
    shebang = real if command == "sh" else "/bin/sh"
    emptying = f'[ "$1" != {option} ] || rm -rf {job.folder}'
    (tools / command).write_text(f'#!{shebang}\n{emptying}\nexec {real} "$@"\n')
    (tools / command).chmod(0o755)
    process = job.start(shell, environment={"PATH": f"{tools}:{os.environ['PATH']}"})
    code, _ = job.finish(process)
    assert (code, ran.exists()) == (WRAPPER_FAILED, False)
    assert not job.folder.exists()


def test_input_files_that_go_before_the_pilot_begins_are_no_end_of_the_pilot(
    shell: list[str], tmp_path: Path
) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\nexit 0\n"})
    job.text = job.text.replace("        set -- ", '        rm -rf "$PWD"\n        set -- ')
    code, _ = job.finish(job.start(shell))
    assert code == WRAPPER_FAILED


def test_an_output_that_the_pilot_removed_does_not_lose_its_end(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\nrm -f ../stdout; exit 3\n"})
    code, _ = job.finish(job.start(shell))
    assert (code, job.record.exit_code) == (3, 3)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user, for whom permissions count")
def test_folders_that_the_pilot_made_read_only_are_removed(shell: list[str]) -> None:
    nobody = 65534
    # Not tmp_path: another user could not reach it.
    place = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    try:
        pilot = "#!/bin/sh\nmkdir -p cache/deep; touch cache/deep/file; chmod 0 cache/deep; chmod 500 cache\n"
        job = Job(place / "job", {"pilot.sh": pilot})
        for path in (place, *place.rglob("*")):
            os.chown(path, nobody, nobody)
        assert job.run(shell, user=nobody, group=nobody) == 0
        assert job.left() == KEEPS
    finally:
        shutil.rmtree(place)


def test_records_that_say_more_or_less_than_we_know_are_read() -> None:
    record = job_record("time=17\nhost=\njob=\nlater=1\n\nnonsense", "code=x\ntime=\nstdout=-\n=5")
    assert (record.started_at, record.node, record.batch_id) == (17, None, None)
    assert (record.ended, record.ended_at, record.sizes) == (False, None, {})
    assert not job_record(None, None).ended


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
@pytest.mark.parametrize("prologue", [None, "module load it's\n"])
def test_shellcheck_finds_nothing(tmp_path: Path, prologue: str | None) -> None:
    own = {"environment": {"A": "b c\r\n'"}, "arguments": ("x\ry", "z"), "prologue": prologue}
    job = Job(tmp_path / "job", {"pilot.sh": ""}, **own)
    argv = ["shellcheck", "-s", "sh", job.folder / "job.sh"]
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")
