"""What a pilot finds on the worker node of a real Slurm."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab.site import Lab
from tests.fakes.glidein import PAYLOAD, glidein

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
SHOWS = r"""
echo "payload $(sha256sum <payload)"
printf 'argument <%s>\n' "$@"
stat -c 'file %n %a' pilot.sh *.idtoken .
env | sed 's/^/env /'
pwd
"""
ARGUMENTS = (
    "-param_GLIDEIN_Collector",
    "a.dot,b.colon,9618",
    "",
    "two  words",
    "$HOME `id` \\ 'q' \"q\"",
    "\u00e9",
)


@pytest.fixture
def ce(lab: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(lab, tmp_path, scratch="/tmp", squid="squid.example.edu:3128")
    ce.start()
    yield ce
    ce.kill()


def test_a_glidein_finds_what_it_needs(ce: Ce, lab: Lab) -> None:
    token = b"eyJ.a.b"
    files = {"credential_frontend_entry.idtoken": token}
    script = glidein(SHOWS)
    own = {"GLIDEIN_OWN": "1", "OSG_SQUID_LOCATION": "own"}
    pilot = ce.submit(script, *ARGUMENTS, files=files, environment=own)
    [done] = ce.wait([pilot["id"]])
    assert (done["state"], done["exit_code"]) == ("completed", 0)
    assert ce.output(pilot["id"], "stderr") == b""

    lines = ce.output(pilot["id"]).decode().splitlines()
    assert lines[0].split()[1] == hashlib.sha256(PAYLOAD).hexdigest()
    assert [line for line in lines if line.startswith("argument ")] == [f"argument <{a}>" for a in ARGUMENTS]
    modes = dict(line.split()[1:] for line in lines if line.startswith("file "))
    assert modes == {"pilot.sh": "700", "credential_frontend_entry.idtoken": "600", ".": "700"}
    found = dict(line.removeprefix("env ").partition("=")[::2] for line in lines if line.startswith("env "))
    assert (found["OSG_WN_TMP"], found["GLIDEIN_OWN"], found["OSG_SQUID_LOCATION"]) == ("/tmp", "1", "own")
    assert found["HOME"] == str(lab.home)
    assert "/usr/bin" in found["PATH"].split(":")
    assert (found["SLURM_JOB_ID"], found["SLURM_JOBID"]) == (done["batch_id"], done["batch_id"])
    assert (found["SLURM_JOB_NAME"], found["SLURM_CPUS_PER_TASK"]) == (done["stamp"], "1")
    assert not [name for name in found if name.lower().startswith("hce_")]
    assert Path(lines[-1]).parent == Path("/tmp")
    assert not Path(lines[-1]).exists(), "it is removed at the end"
