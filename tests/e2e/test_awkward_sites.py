"""Sites as real login nodes are: one session only, a banner, a login shell that prints, no accounting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
NOISE = "printf 'Willkommen, dom\\344nen-benutzer\\n'; printf 'to stderr \\377\\n' >&2; echo '{\"a\": 1}'\n"


@pytest.fixture(scope="module")
def hardened(make_lab: Callable[[LabOptions], Lab], tmp_path_factory: pytest.TempPathFactory) -> Lab:
    banner = tmp_path_factory.mktemp("banner") / "banner"
    banner.write_bytes("Zutritt nur für Befugte\n".encode("latin-1"))
    options = LabOptions(
        max_sessions=1,
        accounting=False,
        min_job_age=2,
        sshd_config_lines=(f"Banner {banner}", "AllowTcpForwarding no"),
    )
    lab = make_lab(options)
    (lab.home / ".bashrc").write_text(NOISE)
    return lab


@pytest.fixture
def ce(hardened: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(hardened, tmp_path)
    ce.start()
    yield ce
    ce.kill()


def test_SS4_SS8_SS9_SL3_SL6_pilots_come_back_whole_from_a_hardened_site(ce: Ce) -> None:
    pilots = [ce.submit("#!/bin/sh\nsleep $1\necho whole $1\nexit $1\n", str(n % 4)) for n in range(12)]
    done = ce.wait((pilot["id"] for pilot in pilots), seconds=90)

    assert {pilot["state"] for pilot in done} == {"completed"}
    for number, pilot in enumerate(done):
        assert pilot["exit_code"] == number % 4
        assert ce.output(pilot["id"]) == f"whole {number % 4}\n".encode()


def test_a_probe_sees_what_is_awkward(ce: Ce) -> None:
    found = ce.client.post("/api/v1/site/clusters/lab/probe").raise_for_status().json()
    assert (found["login"]["sessions"], found["batch"]["records"]) == (False, "off")
    assert (found["batch"]["remembers_s"], found["batch"]["version"]) == (2, "22.05.8")
    assert found["login"]["noise"]["beginning"] == 'Willkommen, dom\ufffdnen-benutzer\n{"a": 1}\n'
    assert {finding["id"] for finding in found["findings"]} == {"shell-noise"}, "it is listed each second"
    pilot = ce.submit("#!/bin/sh\nexit 0\n")
    assert ce.wait([pilot["id"]], seconds=90)[0]["state"] == "completed", "on the same connection"


def test_a_job_that_leaves_the_queue_at_once_is_known_by_its_own_record(ce: Ce) -> None:
    """Without accounting and with a MinJobAge of 2 s, only the job's own record tells its exit code."""
    ce.stop()
    ce.site_file.write_text(ce.site_file.read_text().replace("poll: 1s", "poll: 20s"))
    ce.start()
    pilot = ce.submit("#!/bin/sh\nexit 7\n")
    [done] = ce.wait([pilot["id"]], seconds=100)
    assert (done["state"], done["exit_code"]) == ("completed", 7)
    assert done["outcome"] == "exited"
