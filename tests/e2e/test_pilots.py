"""Pilots through the REST front door, over a real sshd, on a real Slurm."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce, names_at_site, stamps_of
from tests.e2e.gate import Gate
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

ECHO = """#!/bin/sh
printf 'arguments:'
for argument; do printf ' <%s>' "$argument"; done
echo
printf '%s' "$VALUE"
cat data.bin
echo "to stderr $1" >&2
"""


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path)
    ce.start()
    yield ce
    ce.kill()


def test_fifty_pilots_run_and_their_outputs_come_back_byte_for_byte(ce: Ce, lab: Lab) -> None:
    value = 'it\'s "100%" $HOME `id` $(id)\nsecond line\ttab \\ é'
    datas = [random.Random(number).randbytes(20_000) for number in range(50)]
    pilots = [
        ce.submit(ECHO, str(number), "two words", "", environment={"VALUE": value}, files={"data.bin": data})
        for number, data in enumerate(datas)
    ]
    done = ce.wait(pilot["id"] for pilot in pilots)

    assert Counter(pilot["state"] for pilot in done) == {"completed": 50}
    assert {pilot["exit_code"] for pilot in done} == {0}
    for number, pilot in enumerate(done):
        head = f"arguments: <{number}> <two words> <>\n".encode()
        assert ce.output(pilot["id"]) == head + value.encode() + datas[number]
        assert ce.output(pilot["id"], "stderr") == f"to stderr {number}\n".encode()
    at_site = Counter(names_at_site(lab))
    assert all(at_site[stamp] == 1 for stamp in stamps_of(done))


def test_a_failing_pilot_gives_its_exit_code_and_stderr(ce: Ce) -> None:
    pilot = ce.submit("#!/bin/sh\necho validation failed: no CVMFS >&2\nexit 43\n")
    [done] = ce.wait([pilot["id"]])

    assert (done["state"], done["exit_code"]) == ("completed", 43)
    assert ce.output(done["id"], "stderr") == b"validation failed: no CVMFS\n"
    assert ce.output(done["id"]) == b""
    history = ce.show(done["id"])["history"]
    assert [event["what"] for event in history][:3] == ["received", "routed", "submitted"]
    assert history[-1]["what"] == "completed"
    assert all(event["at"] and event["actor"] for event in history)


def test_a_pilot_above_its_walltime_is_ended_by_the_site_and_says_so(ce: Ce) -> None:
    script = "#!/bin/sh\necho begun\nexec sleep 600\n"
    pilot = ce.submit(script, attributes={"maxWallTime": 1})
    [done] = ce.wait([pilot["id"]], seconds=170)

    assert (done["state"], done["outcome"]) == ("completed", "walltime")
    assert done["exit_code"] != 0
    assert "TIMEOUT" in done["reason"]
    assert ce.output(done["id"]) == b"begun\n"


def test_a_running_pilot_is_removed_at_the_site(ce: Ce, lab: Lab) -> None:
    pilot = ce.submit("#!/bin/sh\necho begun\nexec sleep 600\n")
    [running] = ce.wait([pilot["id"]], {"running"})
    answer = ce.client.delete(f"/api/v1/pilots/{running['id']}", params={"reason": "no longer needed"})
    assert answer.status_code == 202
    [done] = ce.wait([pilot["id"]])

    assert (done["state"], done["outcome"], done["exit_code"]) == ("removed", "exited", 128 + signal.SIGTERM)
    [state] = [job.state for job in lab.slurm.jobs() if job.id == running["batch_id"]]
    assert state == "FAILED", "SIGTERM came first, and sleep ends by it"
    assert "no longer needed" in str(ce.show(done["id"])["history"])


def test_a_pilot_cancelled_behind_our_back_is_told_as_such(ce: Ce, lab: Lab) -> None:
    pilot = ce.submit("#!/bin/sh\nexec sleep 600\n")
    [running] = ce.wait([pilot["id"]], {"running"})
    lab.slurm.command("scancel", running["batch_id"])
    [done] = ce.wait([pilot["id"]])
    assert (done["state"], done["outcome"]) == ("removed", "cancelled")


def test_killed_while_twenty_are_submitted_there_are_twenty_jobs_and_no_more(ce: Ce, lab: Lab) -> None:
    script = "#!/bin/sh\nsleep 1\necho pilot $1\n"
    keys = [f"kill-{number}" for number in range(20)]
    for number, key in enumerate(keys):
        ce.submit(script, str(number), key=key)
    ce.wait_until(lambda: any(pilot["batch_id"] for pilot in ce.pilots()), 60, "nothing was submitted")
    ce.kill()
    ce.start()
    again = [ce.submit(script, str(number), key=key) for number, key in enumerate(keys)]
    done = ce.wait(pilot["id"] for pilot in again)

    assert len(ce.pilots()) == 20
    assert Counter(pilot["state"] for pilot in done) == {"completed": 20}
    assert sorted(ce.output(pilot["id"]) for pilot in done) == sorted(b"pilot %d\n" % n for n in range(20))
    at_site = Counter(names_at_site(lab))
    assert [at_site[stamp] for stamp in stamps_of(done)] == [1] * 20
    assert all(pilot["attempt_number"] == 1 for pilot in done)


def test_the_connection_is_cut_again_and_again_while_pilots_are_submitted(ce: Ce, lab: Lab) -> None:
    pilots = [ce.submit("#!/bin/sh\necho $1\n", str(number)) for number in range(30)]
    for _ in range(3):
        time.sleep(0.15)
        lab.sshd.kill_sessions()
    done = ce.wait(pilot["id"] for pilot in pilots)
    assert Counter(pilot["state"] for pilot in done) == {"completed": 30}
    at_site = Counter(names_at_site(lab))
    assert [at_site[stamp] for stamp in stamps_of(done)] == [1] * 30


def test_while_slurmctld_is_down_nothing_is_called_finished(ce: Ce, lab: Lab, gate: Gate) -> None:
    running = ce.submit(f"#!/bin/sh\n{gate.waits}\necho whole\n")
    ce.wait([running["id"]], {"running"})
    lab.slurm.stop_controller()
    try:
        gate.open()
        late = ce.submit("#!/bin/sh\necho late\n")
        ce.wait_until(lambda: not ce.cluster()["submitting"], 60, "submission goes on")  # squeue waits 18 s
        states = {pilot["id"]: pilot["state"] for pilot in ce.pilots()}
        assert states[running["id"]] == "running"
        assert states[late["id"]] in {"idle", "unknown"}
        assert "controller" in ce.cluster()["closed_reason"]
    finally:
        lab.slurm.start_controller()
    done = ce.wait([running["id"], late["id"]], seconds=90)
    assert Counter(pilot["state"] for pilot in done) == {"completed": 2}
    assert ce.output(running["id"]) == b"whole\n"


def test_a_request_the_site_never_takes_is_held_with_the_sites_words(ce: Ce) -> None:
    pilot = ce.submit("#!/bin/sh\n", attributes={"queue": "nosuchqueue"})
    [held] = ce.wait([pilot["id"]])
    assert held["state"] == "held"
    assert "invalid partition" in held["reason"].lower()
    answer = ce.client.delete(f"/api/v1/pilots/{held['id']}")
    assert answer.is_success
    assert ce.show(held["id"])["state"] == "removed"


def test_an_orderly_stop_leaves_the_jobs_and_the_next_start_finds_them(ce: Ce, gate: Gate) -> None:
    pilot = ce.submit(f"#!/bin/sh\n{gate.waits}\necho still here\n")
    ce.wait([pilot["id"]], {"running"})
    assert ce.stop() == 0
    ce.start()
    gate.open()
    [done] = ce.wait([pilot["id"]])
    assert done["state"] == "completed"
    assert ce.output(done["id"]) == b"still here\n"


def test_the_same_sandbox_goes_to_the_site_once(ce: Ce, lab: Lab) -> None:
    data = random.Random(7).randbytes(300_000)
    script = "#!/bin/sh\nsha256sum <data.bin\n"
    pilots = [ce.submit(script, files={"data.bin": data}) for _ in range(5)]
    done = ce.wait(pilot["id"] for pilot in pilots)
    digest = hashlib.sha256(data).hexdigest()
    assert {ce.output(pilot["id"]) for pilot in done} == {f"{digest}  -\n".encode()}
    stored = lab.home / "hosted-ce" / "files" / digest
    assert stored.stat().st_nlink >= 5


def test_what_is_explained_is_what_was_submitted_byte_for_byte(ce: Ce, lab: Lab, tmp_path: Path) -> None:
    value = 'it\'s "100%" $HOME `id`\n#SBATCH --uid=0\n\ttab é'
    asked = {"attributes": {"xcount": 1, "maxWallTime": 5}, "environment": {"VALUE": value}}
    pilot = ce.submit("#!/bin/sh\nexec sleep 30\n", "two words", "", "@COMMAND@", **asked)
    [running] = ce.wait([pilot["id"]], {"running"})
    submitted = (lab.home / "hosted-ce" / "pilots" / running["stamp"] / "job.sh").read_bytes()
    command = [sys.executable, "-m", "hosted_ce.cli.main", "route"]
    rendered = subprocess.run(
        [*command, "render", str(pilot["id"]), "--state", str(ce.state)], capture_output=True, check=True
    )
    assert rendered.stdout == submitted

    body = {**asked, "arguments": ["two words", "", "@COMMAND@"]}
    job = ce.client.post("/api/v1/routes/explain", json=body).raise_for_status().json()["job"]
    foretold = job["script"].encode().replace(job["stamp"].encode(), running["stamp"].encode())
    assert foretold == submitted, "what would be submitted for such a pilot, but for the stamp"
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}")
