"""A site that runs its own CE: no SSH, the agent is the CE's child, on a real Slurm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ce import Ce, killed_in_the_middle, names_at_site, stamps_of
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
HERE = {"transport": "local", "login": None, "key": None, "known_hosts": None}


@pytest.fixture
def folder(lab: Lab) -> Path:
    """The account's own, on the site's machine."""
    own = lab.home / "ce"
    own.mkdir(exist_ok=True)
    return lab.owner.own(own)


def ce_of_the_site(lab: Lab, folder: Path) -> Ce:
    environment = {**lab.owner.environment, **lab.slurm.environment}
    return Ce(lab, folder, environment=environment, account=lab.owner, **HERE)


@pytest.fixture
def ce(lab: Lab, folder: Path) -> Iterator[Ce]:
    ce = ce_of_the_site(lab, folder)
    lab.owner.own(ce.site_file)
    ce.start()
    yield ce
    ce.kill()


def test_pilots_run_and_a_kill_of_the_ce_loses_and_doubles_none(ce: Ce, lab: Lab) -> None:
    script = "#!/bin/sh\nsleep 2\necho pilot $1\nexit $1\n"
    done = killed_in_the_middle(ce, script, [str(number % 3) for number in range(20)], seconds=90)
    assert Counter((pilot["state"], pilot["exit_code"]) for pilot in done) == {
        ("completed", 0): 7, ("completed", 1): 7, ("completed", 2): 6,
    }  # fmt: skip
    at_site = Counter(names_at_site(lab))
    assert [at_site[stamp] for stamp in stamps_of(done)] == [1] * 20
    assert ce.output(done[0]["id"]) == b"pilot 0\n"
    assert lab.sshd.sessions() == []


def test_a_running_pilot_is_removed_gently(ce: Ce) -> None:
    pilot = ce.submit("#!/bin/sh\ntrap 'exit 5' TERM\necho begun\nwhile :; do sleep 0.1; done\n")
    ce.wait([pilot["id"]], {"running"})
    ce.client.delete(f"/api/v1/pilots/{pilot['id']}").raise_for_status()
    [done] = ce.wait([pilot["id"]])
    assert (done["state"], done["exit_code"]) == ("removed", 5)


def test_in_another_account_nothing_is_submitted_and_it_says_what_to_do(lab: Lab, folder: Path) -> None:
    other = ce_of_the_site(lab, folder)
    text = other.site_file.read_text()
    other.site_file.write_text(text.replace(f"account: {lab.account}", "account: somebody"))
    lab.owner.own(other.site_file)
    other.start()
    try:
        pilot = other.submit("#!/bin/sh\n")
        other.wait_until(lambda: other.cluster()["problem"], 60, "no problem is told")
        assert "not in the account somebody" in other.cluster()["problem"]
        assert other.show(pilot["id"])["batch_id"] is None
    finally:
        other.kill()
