"""The stand-ins of OpenPBS and Torque print what the real ones printed, and fail as they do."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bosco.batch.model import Cause, CommandResult, Listing, Phase
from bosco.batch.pbs.codec import Pbs
from bosco.batch.pbs.text import read
from bosco.errors import Failed, Interrupted, Refusal
from tests.standins.site import StandIn, running

sys.path.insert(0, str(Path(__file__).parent / "bosco"))
from pbs_recordings import OPENPBS, TORQUE, answer, as_dsv

STAMP = "habcdefghijklmn"
ME = "me"


@pytest.fixture
def openpbs(tmp_path: Path) -> Iterator[StandIn]:
    with running(tmp_path / "site", "pbs", "openpbs") as site:
        yield site


@pytest.fixture
def torque(tmp_path: Path) -> Iterator[StandIn]:
    with running(tmp_path / "site", "pbs", "torque", server="torque1", host="torque1") as site:
        yield site


def result(done: subprocess.CompletedProcess[str]) -> CommandResult:
    return CommandResult(done.returncode, done.stdout.encode(), done.stderr.encode())


def submit(site: StandIn, *options: str, script: str = "sleep 600\n") -> int:
    done = site.run("qsub", *options, stdin=f"#!/bin/sh\n{script}")
    assert (done.returncode, done.stderr) == (0, ""), done
    return int(done.stdout.split(".")[0])


def keys(printed: CommandResult) -> list[str]:
    """The attributes of the only job, in order."""
    found = read(printed.stdout.decode())
    assert (len(found.jobs), found.bad) == (1, 0)
    names = [re.split(" = |=", part)[0].strip() for part in re.split(r"\n|\|", printed.stdout.decode())]
    return [name for name in names if name in found.jobs[0].attributes]


def ask(site: StandIn, codec: Pbs, dialogue_of: str, **more: object) -> Listing:
    """A dialogue with the stand-in's commands."""
    owner = site.run("id", "-un").stdout.strip()
    dialogue = getattr(codec, dialogue_of)(owner, *((0,) if dialogue_of == "accounting" else ()), **more)
    try:
        command = next(dialogue)
        while True:
            command = dialogue.send(result(site.run(*command.argv)))
    except StopIteration as end:
        made: Listing = end.value
        return made


def test_openpbs_a_running_job_has_the_recorded_attributes(openpbs: StandIn) -> None:
    number = submit(openpbs, "-N", "longjob", "-l", "select=1:ncpus=1", "-l", "walltime=00:10:00")
    openpbs.until(number, "running")
    recorded = answer(OPENPBS, "qstat -f -F dsv 3")
    shown = result(openpbs.run("qstat", "-f", "-F", "dsv", str(number)))
    assert keys(shown) == keys(recorded)
    for form in (["-f"], ["-f", "-w"]):
        assert keys(result(openpbs.run("qstat", *form, str(number)))) == keys(recorded)


def test_openpbs_ended_jobs_have_the_recorded_attributes(openpbs: StandIn) -> None:
    deleted = submit(openpbs, "-N", "longjob", "-l", "select=1:ncpus=1", "-l", "walltime=00:10:00")
    overran = submit(openpbs, "-N", "waltime", "-l", "walltime=00:00:01")
    held = submit(openpbs, "-h", "-N", "heldjob")
    openpbs.until(deleted, "running")
    openpbs.run("qdel", str(deleted), str(held))
    for number, recorded in ((deleted, 3), (overran, 7), (held, 4)):
        openpbs.until(number, "ended")
        shown = result(openpbs.run("qstat", "-x", "-f", "-F", "dsv", str(number)))
        assert keys(shown) == keys(as_dsv(answer(OPENPBS, f"qstat -x -f -F json {recorded}"))), recorded


@pytest.mark.parametrize(("recorded", "name"), [(4, "held"), (6, "stopped")])
def test_openpbs_jobs_that_wait_have_the_recorded_attributes(
    openpbs: StandIn, recorded: int, name: str
) -> None:
    options = ["-h"] if name == "held" else ["-q", "stopped"]
    number = submit(openpbs, *options, "-N", name)
    shown = result(openpbs.run("qstat", "-f", "-F", "dsv", str(number)))
    assert keys(shown) == keys(as_dsv(answer(OPENPBS, f"qstat -f -F json {recorded}")))


def test_torque_jobs_have_the_recorded_attributes(torque: StandIn) -> None:
    runs = submit(torque, "-N", "longjob", "-l", "walltime=00:10:00,nodes=1")
    torque.until(runs, "running")
    shown = result(torque.run("qstat", "-f", "-1", str(runs)))
    assert keys(shown) == keys(answer(TORQUE, "qstat -f -1 3.torque1"))
    held = submit(torque, "-h", "-N", "heldjob", "-l", "walltime=01:00:00,nodes=1")
    shown = result(torque.run("qstat", "-f", str(held)))
    assert sorted(keys(shown)) == sorted(keys(answer(TORQUE, "qstat -f 4.torque1")))
    over = submit(torque, "-N", "badjob", "-l", "nodes=1,walltime=01:00:00", script="exit 3\n")
    torque.until(over, "ended")
    shown = result(torque.run("qstat", "-f", str(over)))
    assert sorted(keys(shown)) == sorted(keys(answer(TORQUE, "qstat -f 2.torque1")))


@pytest.mark.parametrize(
    "command",
    [
        "qstat -f 9999", "qstat -E -f 99998 99999", "qstat -x -f -F json 9999", "qdel 9999", "qhold 9999",
        "qstat 3.otherserver", "qdel bogus",
    ],
)  # fmt: skip
def test_openpbs_fails_as_recorded(openpbs: StandIn, command: str) -> None:
    recorded, shown = answer(OPENPBS, command), result(openpbs.run(*command.split()))
    assert (shown.exit_code, shown.stderr) == (recorded.exit_code, recorded.stderr)


@pytest.mark.parametrize("command", ["qstat -f 9999", "qdel 9999", "qhold 9999", "qrls 9999"])
def test_torque_fails_as_recorded(torque: StandIn, command: str) -> None:
    recorded, shown = answer(TORQUE, command), result(torque.run(*command.split()))
    assert (shown.exit_code, shown.stdout, shown.stderr) == (
        recorded.exit_code, recorded.stdout, recorded.stderr,
    )  # fmt: skip


def test_openpbs_away_fails_as_recorded(openpbs: StandIn) -> None:
    openpbs.stop()
    for command in ("qdel 59", "qhold 59", "qselect -N mine"):
        recorded = [answer(OPENPBS, command, nth) for nth in range(2 if "qselect" in command else 1)][-1]
        shown = result(openpbs.run(*command.split()))
        assert (shown.exit_code, shown.stderr) == (recorded.exit_code, recorded.stderr), command
    assert not ask(openpbs, Pbs(), "listing").complete
    with pytest.raises(Failed) as refused:
        Pbs().submitted(result(openpbs.run("qsub", "-h", stdin="sleep 1\n")))
    assert refused.value.refusal is Refusal.TRANSIENT


def test_torque_away_fails_as_recorded(torque: StandIn) -> None:
    torque.stop()
    for command in ("qdel 59", "qstat -f 1"):
        recorded, shown = answer(TORQUE, command), result(torque.run(*command.split()))
        assert (shown.exit_code, shown.stderr) == (recorded.exit_code, recorded.stderr), command
    assert not ask(torque, Pbs(), "listing").complete


@pytest.mark.parametrize("queue", ["nosuch", "closed", "private"])
def test_refusals_are_as_recorded_and_use_up_a_number(openpbs: StandIn, queue: str) -> None:
    first = submit(openpbs, "-h")
    shown, recorded = openpbs.run("qsub", "-q", queue, stdin="x\n"), answer(OPENPBS, f"qsub -q {queue} ok.sh")
    assert (shown.returncode, shown.stderr.encode()) == (recorded.exit_code, recorded.stderr)
    assert submit(openpbs, "-h") == first + 2


def test_PB1_PB3_a_finished_job_with_and_without_history(openpbs: StandIn) -> None:
    number = submit(openpbs, "-N", STAMP, script="exit 3\n")
    openpbs.until(number, "ended")
    assert openpbs.run("qstat", "-f", str(number)).returncode == 35
    (job,) = ask(openpbs, Pbs(), "accounting", batch_ids=[f"{number}.pbs1"]).observations
    assert (job.phase, job.exit_code, job.cause) == (Phase.ENDED, 3, Cause.EXITED)
    assert ask(openpbs, Pbs(), "accounting", stamps=[STAMP]).observations == (job,)
    openpbs.place.play(history=False)
    assert openpbs.run("qstat", "-f", str(number)).returncode == 153
    for asked in ({"batch_ids": [f"{number}.pbs1"]}, {"stamps": [STAMP]}):
        silence = ask(openpbs, Pbs(), "accounting", **asked)
        assert (silence.observations, silence.complete) == ((), True)
        assert silence.problem


def test_PB4_PB6_json_that_is_none_is_never_asked_for(openpbs: StandIn) -> None:
    number = submit(openpbs, "-h", "-N", STAMP, "-A", "back\\slash|pipe")
    text = openpbs.run("qstat", "-f", "-F", "json", str(number)).stdout
    with pytest.raises(ValueError, match="escape"):
        json.loads(text)
    listing = ask(openpbs, Pbs(), "listing")
    assert listing.complete
    assert [job.stamp for job in listing.observations] == [STAMP]


def test_PB2_a_job_that_ended_between_the_two_commands_is_absent(openpbs: StandIn) -> None:
    waits = submit(openpbs, "-h", "-N", STAMP)
    over = submit(openpbs, script="exit 0\n")
    openpbs.until(over, "ended")
    listing = Pbs("openpbs").listing(ME)
    next(listing)
    command = listing.send(CommandResult(0, f"{over}.pbs1\n{waits}.pbs1\n99.pbs1\n".encode()))
    with pytest.raises(StopIteration) as end:
        listing.send(result(openpbs.run(*command.argv)))
    assert end.value.value.complete


def test_a_cut_answer_is_incomplete(openpbs: StandIn) -> None:
    submit(openpbs, "-h", "-N", STAMP)
    submit(openpbs, "-h", "-N", STAMP[:-1] + "o")
    openpbs.place.play(cut={"qstat": 700})
    assert openpbs.run("qstat", "--version").stdout
    assert not ask(openpbs, Pbs("openpbs"), "listing").complete


def test_an_answer_that_was_lost_is_found_by_its_name(openpbs: StandIn) -> None:
    openpbs.place.play(lost=["qsub"])
    done = openpbs.run("qsub", "-h", "-N", STAMP, stdin="sleep 1\n")
    with pytest.raises(Interrupted):
        Pbs().submitted(result(done))
    openpbs.place.play()
    assert [job.stamp for job in ask(openpbs, Pbs(), "listing").observations] == [STAMP]


def test_a_node_that_is_away_is_a_request_that_was_not_taken(openpbs: StandIn) -> None:
    number = submit(openpbs)
    openpbs.until(number, "running")
    openpbs.place.play(mom_down=True)
    cancelling = Pbs().cancel([f"{number}.pbs1"])
    command = next(cancelling)
    with pytest.raises(Failed, match="MOM"):
        cancelling.send(result(openpbs.run(*command.argv)))


def test_PB8_sigterm_ends_the_shell_above_a_script_that_would_take_care(openpbs: StandIn) -> None:
    """Why a job is asked by another signal: only that lets the script end by itself."""
    trap = "trap 'echo took care >taken.$PBS_JOBID; exit 7' TERM URG\nwhile :; do sleep 0.1; done\n"
    for sent, expected in (("TERM", 15), ("URG", None)):
        number = submit(openpbs, "-N", STAMP, script=trap)
        job = openpbs.until(number, "running")
        openpbs_ready(job["session"])
        assert openpbs.run("qsig", "-s", f"SIG{sent}", str(number)).returncode == 0
        openpbs.until(number, "ended")
        (seen,) = ask(openpbs, Pbs(), "accounting", batch_ids=[f"{number}.pbs1"]).observations
        assert (seen.exit_signal, seen.exit_code) == (expected, None if expected else 7)


def openpbs_ready(session: int) -> None:
    """Waits until the script below the top shell sleeps: then its trap is set."""
    from machine import processes

    while not any(
        b"sleep" in Path(f"/proc/{pid}/cmdline").read_bytes()
        for pid in processes.of_session(session)
        if os.path.exists(f"/proc/{pid}/cmdline")
    ):
        os.kill(session, 0)


def test_the_server_may_come_back(openpbs: StandIn) -> None:
    number = submit(openpbs, "-N", STAMP, script="sleep 0.3; exit 4\n")
    openpbs.until(number, "running")
    openpbs.stop()
    openpbs.start()
    assert os.WEXITSTATUS(openpbs.until(number, "ended")["wait_status"]) == 4


def test_a_frozen_server_hangs_its_commands(openpbs: StandIn) -> None:
    assert openpbs.server
    os.kill(openpbs.server.pid, signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([str(openpbs.bin / "qstat")], env=openpbs.environment, timeout=0.5, check=False)
