"""The site file that follows from answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.routing.compile import check_expression
from hosted_ce.site import SiteFile, lint_site
from hosted_ce.site.load import read_site_text
from hosted_ce.site_init.site_draft import Files
from hosted_ce.site_init.site_text import site_text

from .cases import FILES, SLURM, answered, little_known


def loaded(text: str) -> SiteFile:
    """The site file, which must have no problem at all."""
    reading = read_site_text(text)
    assert reading.problems == ()
    assert reading.site is not None
    return reading.site


def test_all_that_was_answered_is_where_the_ce_looks_for_it() -> None:
    site = loaded(site_text(answered(**SLURM, qos="guests", squid="squid.tundra.example.edu:3128"), FILES))
    cluster = site.clusters["main"]
    assert [(login.host, login.port) for login in cluster.login] == [
        ("login1.tundra.example.edu", 22),
        ("login2.tundra.example.edu", 2222),
    ]
    assert (cluster.key, cluster.known_hosts) == (FILES.key, FILES.known_hosts)
    assert cluster.squid == "squid.tundra.example.edu:3128"
    gpu, default = site.routes
    assert (gpu.name, gpu.when, gpu.request.gpus, gpu.request.queue) == ("gpu", "RequestGPUs > 0", 1, "gpu")
    assert (default.request.queue, default.request.account, default.request.qos) == (
        "osg",
        "osgproject",
        "guests",
    )
    assert (gpu.request.account, gpu.request.qos) == ("osgproject", "guests")
    assert (default.limits.pilots, default.limits.idle) == (32, 10)
    assert (site.issuers[0].issuer, site.issuers[0].account) == ("https://scitokens.org/osg-connect", "osg01")
    assert site.front_door is not None
    assert site.front_door.advertise_to == (), (
        "factories are told when the checks are passed, and by a person"
    )


def test_a_site_grows_and_is_checked_by_itself() -> None:
    site = loaded(site_text(answered(**{**SLURM, "pilots": "40"}), FILES))
    assert site.checks is not None
    assert [route.ramp is not None for route in site.routes] == [True for _ in site.routes]
    small = loaded(site_text(answered(**{**SLURM, "pilots": "2"}), FILES))
    assert small.routes[-1].ramp is None, "it begins with all that it is to have"


def test_what_is_settled_says_nothing_of_changes() -> None:
    assert "CHANGE:" not in site_text(answered(**SLURM), FILES)


@pytest.mark.parametrize("batch", ["slurm", "htcondor", "pbs", "lsf", "sge"])
@pytest.mark.parametrize("shared", ["home", "folder", "unknown"])
def test_what_is_not_known_yet_is_marked_and_the_file_loads(batch: str, shared: str) -> None:
    answers = little_known(option="1a", batch=batch, shared=shared, gpus="1")
    text = site_text(answers, FILES)
    site = loaded(text)
    marks = {line.rpartition("(")[2].rstrip(")") for line in text.splitlines() if "CHANGE: " in line}
    elsewhere = {"fingerprints", "our_addresses"}
    assert marks == {name for name, value in answers.items() if value == "unknown"} - elsewhere
    assert site.front_door is None
    assert site.routes[-1].limits.pilots == 2, "who does not know the most begins with little"


@pytest.mark.parametrize(("batch", "options"), [("htcondor", {}), ("slurm", {}), ("pbs", {})])
def test_nodes_that_share_nothing_get_their_files_with_the_jobs(batch: str, options: dict[str, str]) -> None:
    site = loaded(site_text(answered(batch=batch, shared="nothing"), FILES))
    assert site.clusters["main"].shared_home is False
    assert dict(site.clusters["main"].batch_options) == options


def test_a_ce_at_the_site_has_no_ssh() -> None:
    cluster = loaded(site_text(answered(option="1b", batch="slurm"), FILES)).clusters["main"]
    assert cluster.transport == "local"
    assert (cluster.key, cluster.known_hosts, cluster.login) == (None, None, ())


def test_lint_has_nothing_to_say_when_the_files_are_there(tmp_path: Path) -> None:
    key, known_hosts = tmp_path / "site.key", tmp_path / "known_hosts"
    key.touch(mode=0o600)
    known_hosts.write_text(
        "login1.tundra.example.edu ssh-ed25519 AAAA\n[login2.tundra.example.edu]:2222 ssh-ed25519 AAAA\n"
    )
    file = tmp_path / "site.yaml"
    file.write_text(site_text(answered(**SLURM | {"door_host": "unknown"}), Files(key, known_hosts)))
    assert lint_site(file, check_expression=check_expression) == []
