"""What a CE believes nobody else may change: the site file, pinned host keys, routes. The files are real."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
from pathlib import Path

import pytest

from hosted_ce.routing.compile import check_expression
from hosted_ce.site import Problem, SiteFileError
from hosted_ce.site.source import read_source
from tests.fakes.sites import route, write_site

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = write_site(tmp_path / "x.yaml", route("a"))
    path.with_name("known_hosts").chmod(0o644)
    path.chmod(0o644)
    return path


def warnings(site: Path) -> tuple[Problem, ...]:
    return read_source(site, check_expression=check_expression).warnings


def test_usual_modes_are_well(site: Path) -> None:
    assert warnings(site) == ()


@pytest.mark.parametrize("name", ["x.yaml", "known_hosts"])
def test_what_everybody_can_change_is_refused(site: Path, name: str) -> None:
    file = site.with_name(name)
    file.chmod(0o646)
    with pytest.raises(SiteFileError) as refused:
        read_source(site, check_expression=check_expression)
    (problem,) = refused.value.problems
    assert problem.message == f"{file} can be changed by everybody (mode 0646)"
    subprocess.run(shlex.split(problem.hint), check=True)
    assert warnings(site) == ()


@pytest.mark.parametrize("name", ["x.yaml", "known_hosts"])
def test_what_a_group_can_change_is_told(site: Path, name: str) -> None:
    site.with_name(name).chmod(0o664)
    (problem,) = warnings(site)
    assert "can be changed by its group (mode 0664)" in problem.message
    assert f"chmod g-w {site.with_name(name)}" in problem.hint


def test_a_folder_in_which_everybody_can_put_another_file(site: Path) -> None:
    site.parent.chmod(0o1777)
    assert warnings(site) == (), "as /tmp is: only owners take theirs away"
    site.parent.chmod(0o777)
    with pytest.raises(SiteFileError, match="everybody can put another file in the place of") as refused:
        read_source(site, check_expression=check_expression)
    subprocess.run(shlex.split(refused.value.problems[0].hint), check=True)
    assert warnings(site) == ()


def test_a_key_that_others_can_read_is_refused(site: Path) -> None:
    site.with_name("key").chmod(0o640)
    with pytest.raises(SiteFileError, match="can be read by others") as refused:
        read_source(site, check_expression=check_expression)
    assert f"chmod 600 {site.with_name('key')}" in refused.value.problems[0].hint


@needs_root
@pytest.mark.parametrize(("owner", "told"), [("nobody", 0), ("root", 0), ("daemon", 3)])
def test_who_owns_them_is_told_unless_it_is_root_or_the_ce(
    site: Path, monkeypatch: pytest.MonkeyPatch, owner: str, told: int
) -> None:
    for name in ("x.yaml", "known_hosts", "key"):
        os.chown(site.with_name(name), pwd.getpwnam(owner).pw_uid, -1)
    monkeypatch.setattr(os, "geteuid", lambda: pwd.getpwnam("nobody").pw_uid)
    messages = [problem.message for problem in warnings(site)]
    assert len(messages) == told
    assert all("belongs to daemon, who can change it" in message for message in messages)
