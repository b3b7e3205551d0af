"""What commands at the site see, and what we get of them."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from raw_agent import PATIENCE_S, RawAgent
from tools import Tools

from bosco.batch.slurm.codec import Slurm

STAMP = "haaaaaaaaaaaaaa"
MIB = 2**20


def test_a_command_gives_its_exit_code_and_both_outputs(agent: RawAgent) -> None:
    said, out, err = agent.run("sh", "-c", "printf out; printf err >&2; exit 5")
    assert (said["rc"], said["timed_out"], said["cut"]) == (5, False, False)
    assert (out, err) == (b"out", b"err")


def test_a_command_ended_by_a_signal_has_a_negative_code(agent: RawAgent) -> None:
    said, _, _ = agent.run("sh", "-c", "kill -TERM $$")
    assert said["rc"] == -15


def test_SS10_outputs_are_bytes_that_nobody_decodes(agent: RawAgent) -> None:
    said, out, _ = agent.run("printf", r"dom\344nen\000\037\036\n")
    assert (said["rc"], out) == (0, b"dom\xe4nen\0\x1f\x1e\n")


def test_SS20_ten_mebibytes_on_standard_error_do_not_block_standard_output(agent: RawAgent) -> None:
    script = f"head -c {10 * MIB} /dev/zero >&2; echo done"
    said, out, err = agent.run("sh", "-c", script, limit=32 * MIB)
    assert (said["rc"], out, len(err)) == (0, b"done\n", 10 * MIB)


def test_SS19_an_output_above_the_limit_is_marked_and_its_end_is_kept(agent: RawAgent) -> None:
    said, out, err = agent.run("sh", "-c", "printf 0123456789; printf ab >&2", limit=4)
    assert said["cut"]
    assert (out, err) == (b"6789", b"ab")
    said, out, _ = agent.run("printf", "0123", limit=4)
    assert not said["cut"], "exactly the limit is whole"
    assert out == b"0123"


def test_standard_input_is_empty(agent: RawAgent) -> None:
    said, out, _ = agent.run("cat")
    assert (said["rc"], out) == (0, b"")


def run_too_long(agent: RawAgent, script: str, proof: Path) -> tuple[bytes, bytes]:
    """Lets `script` run into its deadline, after it has made `proof`; returns what came of its output."""
    for timeout in (0.3, 5.0):  # on a busy machine the first may pass before it has begun
        said, out, err = agent.run("sh", "-c", script, timeout=timeout)
        assert said["timed_out"]
        if proof.exists() and proof.read_text():
            return out, err
    raise AssertionError("it never began")


def test_SS2_a_command_above_its_time_is_ended_with_its_children(agent: RawAgent, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    out, _ = run_too_long(agent, f'echo before; sleep 60 & echo $! >"{pids}"; sleep 60', pids)
    assert out == b"before\n"
    assert ends(int(pids.read_text()))


def test_SS2_a_child_that_left_its_session_does_not_keep_us_waiting(agent: RawAgent, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    began = time.monotonic()
    _, err = run_too_long(agent, f"setsid sh -c 'echo $$ >\"{pids}\"; exec sleep 60' & wait", pids)
    assert b"keeps its output open" in err
    assert time.monotonic() - began < 30
    os.kill(int(pids.read_text()), signal.SIGKILL)


def test_SL12_a_submit_command_that_was_ended_is_on_record_as_that(agent: RawAgent, tools: Tools) -> None:
    submit = tools.add("submit", "echo 4711; sleep 60")
    record = agent.submit(STAMP, submit, timeout=0.3)["record"]
    assert record["timed_out"]
    assert agent.evidence(STAMP)["record"] == record


@pytest.mark.parametrize("argv", [("no-such-command",), ("/",)], ids=["missing", "a folder"])
def test_a_command_that_cannot_be_started_is_on_record_as_that(agent: RawAgent, argv: tuple[str]) -> None:
    record = agent.submit(STAMP, *argv)["record"]
    assert (record["rc"], record["timed_out"]) == (127, False)
    assert record["stderr"].startswith("[Errno ")
    assert agent.evidence(STAMP)["record"] == record


HOSTILE = {
    "SQUEUE_FORMAT": "%i", "SQUEUE_STATES": "PD", "SACCT_FORMAT": "JobID", "SBATCH_PARTITION": "debug",
    "SLURM_CLUSTERS": "other", "SLURM_TIME_FORMAT": "relative", "SCANCEL_STATE": "PD", "SINFO_FORMAT": "%N",
    "SRUN_X": "1", "SALLOC_X": "1",
}  # fmt: skip
OF_SLURM: dict[str, Any] = {
    "personal": {"prefixes": Slurm.personal.prefixes, "kept": Slurm.personal.kept},
    "environment": {"SLURM_TIME_FORMAT": "%s"},
}
GERMAN = {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "Europe/Berlin"}


def names_and_values(output: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in output.rstrip("\0").split("\0"))


@pytest.fixture
def travelled(start_agent: Callable[..., RawAgent], spool: Path) -> RawAgent:
    """An agent in the environment of a user with settings."""
    kept = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "SLURM_CONF": "/etc/slurm/other.conf"}
    started = start_agent(environment={**kept, **HOSTILE, **GERMAN})
    started.hello(spool)
    return started


def test_SL20_queries_see_no_settings_of_the_user(travelled: RawAgent) -> None:
    seen = names_and_values(travelled.run("env", "-0", **OF_SLURM)[1].decode())
    assert not (HOSTILE.keys() - {"SLURM_TIME_FORMAT"}) & seen.keys()
    assert seen["SLURM_CONF"] == "/etc/slurm/other.conf"


def test_SS11_SL8_queries_speak_english_utc_and_epoch_seconds(travelled: RawAgent) -> None:
    seen = names_and_values(travelled.run("env", "-0", **OF_SLURM)[1].decode())
    assert (seen["LC_ALL"], seen["TZ"], seen["SLURM_TIME_FORMAT"]) == ("C", "UTC", "%s")


def test_SL20_jobs_inherit_the_users_locale_but_no_settings(travelled: RawAgent) -> None:
    record = travelled.submit(STAMP, "env", "-0", personal=OF_SLURM["personal"])["record"]
    seen = names_and_values(record["stdout"])
    assert not HOSTILE.keys() & seen.keys()
    assert seen["SLURM_CONF"] == "/etc/slurm/other.conf"
    assert {name: seen[name] for name in GERMAN} == GERMAN


def test_commands_are_looked_for_in_the_sites_own_folders_first(agent: RawAgent, tmp_path: Path) -> None:
    there = Tools(tmp_path / "opt")
    there.add("qnowhere", 'echo "there with $SGE_CELL"')
    asked: dict[str, Any] = {"path": [str(there.folder)], "environment": {"SGE_CELL": "north"}}
    assert agent.run("qnowhere", **asked)[1] == b"there with north\n"
    assert agent.submit(STAMP, "qnowhere", **asked)["record"]["stdout"] == "there with north\n"
    assert agent.run("qnowhere")[0]["rc"] == 127


def test_a_jobs_own_files_are_written_before_it_is_submitted(agent: RawAgent, spool: Path) -> None:
    files = {"job.sh": b"#!/bin/sh\n", "job.sub": b"queue\n", "job.x": b""}
    record = agent.submit(STAMP, "cat", *files, files=files)["record"]
    assert record["stdout"] == "#!/bin/sh\nqueue\n"
    folder = spool / "pilots" / STAMP
    assert {name: (folder / name).read_bytes() for name in files} == files


@pytest.mark.parametrize("name", ["submit", "job", "job.", "job.sh/x", "../job.sh", "job.UP", "start"])
def test_a_job_has_no_other_files_of_its_own(agent: RawAgent, spool: Path, name: str) -> None:
    answer = agent.submit(STAMP, "true", files={name: b"x"})
    assert "own file" in answer["refused"]
    assert not (spool / "pilots" / STAMP).exists()


def test_EN8_a_command_leaves_nothing_behind_for_the_next(agent: RawAgent, spool: Path) -> None:
    show = 'pwd; umask; printf "%s\\n" "$PATH" "${LEFT-none}"'
    _, before, _ = agent.run("sh", "-c", show)
    assert before.splitlines()[0] == str(spool).encode()
    agent.run("sh", "-c", "cd /; umask 0; PATH=/nowhere; LEFT=1; export PATH LEFT")
    assert agent.run("sh", "-c", show)[1] == before


def test_EN9_hello_tells_the_sites_clock(start_agent: Callable[..., RawAgent], spool: Path) -> None:
    before = time.time()
    facts = start_agent().hello(spool)
    assert before <= facts["time"] <= time.time()
    assert facts["pid"]
    assert facts["host"]


def ends(pid: int) -> bool:
    """Waits for a process that is not our child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE_S)[0])
    finally:
        os.close(handle)
