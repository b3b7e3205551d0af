"""A site file with the files that it names: read fit for use, and seen to change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hosted_ce.routing.compile import check_expression
from hosted_ce.site import SiteFileError
from hosted_ce.site.source import ABSENT, Source, check_text, marks_of, read_source
from tests.fakes.sites import cluster, route, write_site


def read(path: Path) -> Source:
    return read_source(path, check_expression=check_expression)


def test_what_was_read_has_the_marks_that_a_look_shows(tmp_path: Path) -> None:
    source = read(write_site(tmp_path / "x.yaml"))
    assert source.marks == marks_of(source.path, source.site)
    assert set(source.marks) == {
        str(tmp_path / name) for name in ("x.yaml", "key", "key-cert.pub", "known_hosts")
    }


@pytest.mark.parametrize("name", ["x.yaml", "known_hosts", "key"])
def test_a_changed_file_has_another_mark_and_no_other_has(tmp_path: Path, name: str) -> None:
    source = read(write_site(tmp_path / "x.yaml"))
    file = tmp_path / name
    file.write_text(file.read_text() + "# more\n")
    now = marks_of(source.path, source.site)
    assert {each for each in now if now[each] != source.marks[each]} == {str(file)}


def test_content_counts_and_not_the_time(tmp_path: Path) -> None:
    """NFS may show old times, and tools set them back."""
    source = read(write_site(tmp_path / "x.yaml"))
    before = source.path.stat()
    text = source.path.read_text()
    source.path.write_text(text.replace("Example-CE1", "Example-CE2"))
    os.utime(source.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert marks_of(source.path, source.site) != source.marks
    source.path.write_text(text)
    assert marks_of(source.path, source.site) == source.marks


def test_a_swapped_link_above_the_file_is_seen(tmp_path: Path) -> None:
    """As a volume of Kubernetes is published."""
    for version in ("1", "2"):
        (tmp_path / version).mkdir()
        write_site(tmp_path / version / "x.yaml", route(f"route{version}"))
    (tmp_path / "..data").symlink_to("1")
    (tmp_path / "x.yaml").symlink_to("..data/x.yaml")
    source = read(tmp_path / "x.yaml")
    (tmp_path / "new").symlink_to("2")
    (tmp_path / "new").replace(tmp_path / "..data")
    assert marks_of(source.path, source.site) != source.marks
    assert read(tmp_path / "x.yaml").site.routes[0].name == "route2"


def test_a_file_that_is_gone_is_seen_and_told(tmp_path: Path) -> None:
    source = read(write_site(tmp_path / "x.yaml"))
    (tmp_path / "known_hosts").unlink()
    (tmp_path / "key").unlink()
    now = marks_of(source.path, source.site)
    assert now[str(tmp_path / "key")] == now[str(tmp_path / "known_hosts")] == ABSENT
    source.path.unlink()
    assert marks_of(source.path, source.site) != now


def test_what_lint_calls_an_error_is_not_fit_for_use(tmp_path: Path) -> None:
    """Loading alone would take it."""
    with pytest.raises(SiteFileError) as caught:
        read(write_site(tmp_path / "x.yaml", route("a", when="RequestGPUs >")))
    [problem] = caught.value.problems
    assert (problem.path, problem.line is not None) == ("routes[0].when", True)
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(SiteFileError, match="can be read by others"):
        read(write_site(tmp_path / "x.yaml"))


def test_warnings_come_along(tmp_path: Path) -> None:
    source = read(
        write_site(
            tmp_path / "x.yaml",
            clusters={"main": cluster(), "idle": cluster()} | {},
            routes=[
                route("a", cluster="main"),
            ],
        )
    )
    assert any("no route uses this cluster" in problem.message for problem in source.warnings)


def test_a_text_is_judged_without_the_files_that_it_names(tmp_path: Path) -> None:
    text = write_site(tmp_path / "x.yaml").read_text()
    (tmp_path / "key").unlink()
    assert check_text(text, Path("NEW"), check_expression=check_expression).site.site == "Example-University"
    with pytest.raises(SiteFileError, match=r"NEW:\d+:\d+: routes\[0\]\.when: "):
        check_text(
            text.replace("- name: default", "- name: default\n  when: a >"),
            Path("NEW"),
            check_expression=check_expression,
        )
