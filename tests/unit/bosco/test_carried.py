"""What runs on a node that does not see the login node's folders, and what comes for its outputs."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from carried_job import STAMP, Cluster, heard, wait_for

from bosco.batch.pbs.codec import Pbs
from bosco.batch.wrapper import WRAPPER_FAILED

GO_ON = "until [ -e go ]; do /bin/sleep 0.02; done"


NEEDED = "sh base64 cat chmod cp cut date getent gzip id mkdir mktemp mv rm sed sleep tail uname wc"
"""What a node must have."""


def test_outputs_and_records_come_home_and_nothing_stays(shell: list[str], tmp_path: Path) -> None:
    cluster = Cluster(
        tmp_path, "echo out; echo err >&2; cat token; ls -d $HOME; exit 7", shell=shell, token="old"
    )
    job = cluster.start()
    assert cluster.visited_until_it_ends(job) == 7
    assert cluster.at_home("stdout") == f"out\nold{cluster.scratch}/{STAMP}.home\n"
    assert cluster.at_home("stderr") == "err\n"
    record = cluster.record()
    assert (record.exit_code, record.batch_id, record.error) == (7, "7", None)
    assert cluster.left() == set()
    assert cluster.log == ""


def test_the_start_is_known_at_home_while_the_pilot_runs_and_what_was_brought_is_gone(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, GO_ON, token="old")
    job = cluster.start()
    wait_for(lambda: cluster.comment().startswith("hosted_ce:run:"))
    assert cluster.visit() is None
    record = cluster.record()
    assert (record.batch_id, record.node, record.ended) == ("7", "node01", False)
    assert record.started_at
    assert not (cluster.scratch / f"{STAMP}.box").exists()
    next(cluster.scratch.glob(f"{STAMP}.??????")).joinpath("go").touch()
    assert cluster.visited_until_it_ends(job) == 0


def test_a_new_credential_gets_to_the_pilot_the_newest_if_there_were_two(tmp_path: Path) -> None:
    cluster = Cluster(
        tmp_path, 'until [ "$(cat token)" = newest ]; do /bin/sleep 0.02; done; cat token', token="old"
    )
    (cluster.home / "refresh").mkdir()
    (cluster.home / "refresh" / "token").write_text("new")
    job = cluster.start()
    wait_for(cluster.comment)
    cluster.command(cluster.there / "wire", "cat >/dev/null; exit 1")
    trouble = cluster.visit()
    assert trouble
    assert trouble.startswith("no new credentials for job 7")
    (cluster.home / "refresh" / "token").write_text("newest")
    cluster.command(cluster.there / "wire", "cat")
    assert cluster.visited_until_it_ends(job) == 0
    assert cluster.at_home("stdout") == "newest"


def test_a_transfer_that_was_cut_is_none_and_is_tried_again(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, "head -c 100000 /dev/urandom; exit 3")
    job = cluster.start()
    wait_for(lambda: cluster.comment().startswith("hosted_ce:end:"))
    cluster.command(cluster.there / "wire", "head -c 60000")
    trouble = cluster.visit()
    assert trouble
    assert "the outputs of job 7 are still on its node" in trouble
    assert (cluster.at_home("exit"), cluster.at_home("stdout")) == (None, None)
    assert job.poll() is None
    cluster.command(cluster.there / "wire", "cat")
    assert cluster.visited_until_it_ends(job) == 3
    assert (cluster.home / "stdout").stat().st_size == cluster.record().sizes["stdout"] == 100000


def test_it_does_not_wait_into_the_end_of_its_walltime(tmp_path: Path) -> None:
    """It would be called ended by that."""
    cluster = Cluster(tmp_path, "exit 4", walltime_s=25)
    job = cluster.start()
    assert job.wait(20) == 4
    assert cluster.left() == set()


@pytest.mark.parametrize("when", ["while the pilot runs", "while it waits"])
def test_a_job_that_slurm_ends_does_not_wait_and_leaves_nothing(tmp_path: Path, when: str) -> None:
    """Nobody can come to it any more."""
    waits = when == "while it waits"
    cluster = Cluster(tmp_path, f"trap 'exit 9' TERM; echo begun; {'exit 9' if waits else GO_ON}")
    job = cluster.start()
    wait_for(lambda: cluster.comment().startswith("hosted_ce:end:" if waits else "hosted_ce:run:"))
    (cluster.there / "state").write_text("COMPLETING")
    job.send_signal(signal.SIGTERM)
    assert job.wait(20) == 9
    assert cluster.left() == set()


def test_it_does_not_wait_where_nobody_can_be_told(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, "exit 4")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in NEEDED.split():
        (tools / name).symlink_to(shutil.which(name) or name)
    assert cluster.start(PATH=str(tools)).wait(20) == 4
    assert cluster.log == ""


def test_a_controller_that_was_away_is_told_later(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, "exit 4")
    works = (tmp_path / "bin" / "scontrol").read_text()
    cluster.command(tmp_path / "bin" / "scontrol", f"echo x >>{cluster.there}/tried; exit 1")
    job = cluster.start()
    wait_for(lambda: (cluster.there / "tried").exists() and (cluster.there / "tried").stat().st_size > 4)
    (tmp_path / "bin" / "scontrol").write_text(works)
    assert cluster.visited_until_it_ends(job) == 4


@pytest.mark.parametrize("told", ["SIGTERM", "SIGINT", "SIGQUIT"])
def test_the_pilot_gets_sigterm_and_its_last_words_come_home(
    shell: list[str], tmp_path: Path, told: str
) -> None:
    """Also where its job gets what a child in the background would ignore."""
    cluster = Cluster(tmp_path, f"trap 'echo heeded; exit 9' TERM; echo begun; {GO_ON}", shell=shell)
    with heard(signal.SIGINT, signal.SIGQUIT):
        job = cluster.start()
    stdout = cluster.scratch / STAMP / "stdout"
    wait_for(lambda: stdout.exists() and stdout.read_text() == "begun\n")
    job.send_signal(signal.Signals[told])
    assert cluster.visited_until_it_ends(job) == 9
    assert cluster.at_home("stdout") == "begun\nheeded\n"


def test_of_a_large_output_the_end_comes_home_and_the_record_says_how_much_it_was(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, "head -c 16777216 /dev/zero; echo end")
    assert cluster.visited_until_it_ends(cluster.start()) == 0
    stdout = (cluster.home / "stdout").read_bytes()
    assert (len(stdout), stdout[-4:]) == (16777216, b"end\n")
    assert cluster.record().sizes["stdout"] == 16777220


def test_a_damaged_input_is_no_pilot_and_the_reason_comes_home(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, "echo never")
    script = cluster.script()
    at = script.index(b"hce_take in/pilot.sh") + 60
    job = cluster.start(script[:at] + b"AAAAAAAA" + script[at + 8 :])
    assert cluster.visited_until_it_ends(job) == WRAPPER_FAILED
    record = cluster.record()
    assert record.error
    assert "cannot unpack in/pilot.sh" in record.error
    assert record.started_at is None
    assert cluster.at_home("stdout") is None


def test_a_node_without_the_scratch_folder_is_no_pilot_and_the_reason_comes_home(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, "echo never")
    script = cluster.script()
    cluster.scratch.rmdir()
    assert cluster.visited_until_it_ends(cluster.start(script)) == WRAPPER_FAILED
    record = cluster.record()
    assert record.error
    assert record.error.endswith(f"cannot make {cluster.scratch}/{STAMP}")
    assert not Path("/tmp", STAMP).exists()


def test_a_job_that_is_told_to_end_while_it_unpacks_leaves_nothing(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, "echo never", token="secret")
    pid = cluster.there / "pid"
    told = f"until [ -s {pid} ]; do :; done; kill -s TERM $(cat {pid})"
    cluster.command(tmp_path / "bin" / "gzip", f'{told}; exec {shutil.which("gzip")} "$@"')
    job = cluster.start()
    assert cluster.visited_until_it_ends(job) == WRAPPER_FAILED
    assert "told to end before the pilot began" in (cluster.record().error or "")
    assert cluster.left() == set()


@pytest.mark.parametrize(
    ("name", "comment"),
    [
        (STAMP, "the site's own"),
        (STAMP, "hosted_ce:end:1:relative"),
        (STAMP, "hosted_ce:other:1:/tmp"),
        ("another", "hosted_ce:end:1:/tmp"),
        ("../pilots", "hosted_ce:end:1:/tmp"),
    ],
)
def test_what_is_not_a_job_of_ours_that_calls_is_left_alone(tmp_path: Path, name: str, comment: str) -> None:
    cluster = Cluster(tmp_path, "exit 0")
    (cluster.there / "name").write_text(name)
    (cluster.there / "comment").write_text(comment)
    assert cluster.visit() is None
    assert not (cluster.there / "steps").exists()
    assert list(cluster.home.iterdir()) == []


@pytest.mark.parametrize("flavour", ["openpbs", "torque"])
def test_what_pbs_copies_home_is_there_and_nothing_else(tmp_path: Path, flavour: str) -> None:
    cluster = Cluster(tmp_path, "cat token; exit 6", token="old")
    submission = Pbs(flavour, shared_home=False).submission(cluster.request, "/login/pilots/" + STAMP)
    script = submission.files[f"job.{flavour}"]
    head, _, body = script.partition(b"\n# --- hosted_ce")
    assert b"/login" in head
    assert b"/login" not in body
    assert submission.argv[3:5] == (f"{cluster.scratch}/{STAMP}", "/login/pilots")
    job = cluster.start(cluster.put_together(script), PBS_JOBID="7.pbs1")
    assert job.wait(20) == 6
    assert cluster.left() == {f"{STAMP}/{name}" for name in ("stdout", "stderr", "start", "exit")}
    assert (cluster.scratch / STAMP / "stdout").read_text() == "old"
