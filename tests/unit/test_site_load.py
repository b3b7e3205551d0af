"""Loading a site file: what it becomes, and each thing that can be wrong with it, with its exact place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from hosted_ce.site import SiteFile, SiteFileError, load_site
from tests.unit.site_texts import GOOD, changed, only_problem, places_of, problems_of, write


def test_values_are_stored_in_seconds_and_mb_and_defaults_are_filled_in(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, GOOD))
    route, cluster = site.routes[0], site.clusters["main"]
    assert (route.request.walltime, route.request.memory) == (259_200, 16_384)
    assert (cluster.poll, cluster.missing_grace, cluster.command_timeout) == (30, 120, 120)
    assert (cluster.login[0].host, cluster.login[0].port) == ("login.example.edu", 2222)
    assert cluster.key == Path("/etc/hosted-ce/osg01.key")
    assert (cluster.spool, cluster.scratch, cluster.python) == ("~/hosted-ce", None, "python3")
    assert site.resource_group == "Example-University"


def test_a_route_without_a_request_asks_for_what_htcondor_ce_would(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("    request:")]
    request = load_site(write(tmp_path, text)).routes[0].request
    assert (request.cpus, request.memory, request.walltime) == (1, 2_000, 4_320 * 60)
    assert (request.queue, request.account, request.gpus, request.whole_node) == (None, None, 0, False)


def test_a_route_finds_its_cluster_by_name_or_because_it_is_the_only_one(tmp_path: Path) -> None:
    cluster = GOOD[GOOD.index("  main:") : GOOD.index("routes:")]
    second = cluster.replace("main", "second").replace("osg01", "osg02")
    text = changed(
        "routes:\n  - name: default\n", f"{second}routes:\n  - name: default\n    cluster: second\n"
    )
    site = load_site(write(tmp_path, text))
    assert site.cluster_of(site.routes[0]).account == "osg02"
    site = load_site(write(tmp_path, GOOD))
    assert site.cluster_name_of(site.routes[0]) == "main"
    assert site.cluster_of(site.routes[0]).account == "osg01"


def test_a_cluster_that_is_here_needs_no_login(tmp_path: Path) -> None:
    lines = GOOD.splitlines(keepends=True)
    here = [line for line in lines if not any(key in line for key in ("login", "host", "port:", "key:"))]
    text = "".join(here).replace("batch: slurm", "batch: slurm\n    transport: local")
    cluster = load_site(write(tmp_path, text)).clusters["main"]
    assert (cluster.ssh, cluster.login, cluster.account) == (None, (), "osg01")


def test_a_loaded_file_cannot_be_changed(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, GOOD))
    with pytest.raises(ValidationError):
        site.routes[0].limits.pilots = 5000  # type: ignore[misc]


def test_what_is_dumped_for_people_has_units_and_loads_again(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, GOOD))
    dumped = site.model_dump(mode="json", exclude_none=True)
    assert dumped["routes"][0]["request"]["memory"] == "16 GB"
    assert dumped["routes"][0]["request"]["walltime"] == "3d"
    assert SiteFile.model_validate(dumped) == site


def test_a_route_must_name_its_cluster_when_there_are_several(tmp_path: Path) -> None:
    cluster = GOOD[GOOD.index("  main:") : GOOD.index("routes:")]
    text = GOOD.replace("routes:", cluster.replace("main", "second") + "routes:")
    problem = only_problem(tmp_path, text.replace("- name", "- ⌖name"))
    assert problem.path == "routes[0].cluster"
    assert problem.message == "the route does not say which cluster it uses"
    assert problem.hint == "the clusters of this file are: main, second"


def test_all_problems_are_told_at_once_and_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = GOOD
    for old, new in [
        ("site: Example", "⌖sight: Example"),
        ("resource: Example-CE1\n", "resource: Example-CE1\n⌖resource: Other\n"),
        ("batch: slurm", "batch: ⌖torque"),
        ("port: 2222", "port: ⌖70000"),
        ("name: default\n", "name: default\n    cluster: ⌖other\n"),
        ("memory: 16 GB", "memory: ⌖16"),
        ("queue: osg", "⌖queue:"),
        ("walltime: 72h", "walltime: ⌖72"),
    ]:
        assert old in text
        text = text.replace(old, new)
    problems = problems_of(tmp_path, text)
    missing = next(problem for problem in problems if problem.path == "site")
    assert missing.message == "this key is missing"
    rest = [problem for problem in problems if problem is not missing]
    assert [(problem.line, problem.column) for problem in rest] == places_of(text)
    assert [problem.line for problem in problems] == sorted(problem.line or 0 for problem in problems)


def test_the_error_prints_one_line_for_each_problem(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("72h", "72 hours long").replace("16 GB", "lots\\n"))
    with pytest.raises(SiteFileError) as raised:
        load_site(path)
    assert str(raised.value).splitlines() == [
        f'{path}:16:15: routes[0].request.memory: "lots\\\\n" is not an amount of memory; '
        "write 32 GB, 2048 MB or 1.5 TB",
        f'{path}:17:17: routes[0].request.walltime: "72 hours long" is not a duration; write 72h, 90m or 3d',
    ]


KEY_TEXT = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----"


def test_a_key_that_is_pasted_in_is_recognised_and_not_repeated(tmp_path: Path) -> None:
    pasted = KEY_TEXT.replace("\n", "\n      ")
    problem = only_problem(tmp_path, changed("key: /etc/hosted-ce/osg01.key", f"key: ⌖|\n      {pasted}"))
    assert problem.path == "clusters.main.key"
    assert problem.message == "this is a private key, not the path of one"
    assert "mode 0600" in problem.hint
    assert "c2VjcmV0" not in problem.describe("x")


def test_a_key_that_is_pasted_in_without_any_care_is_recognised_too(tmp_path: Path) -> None:
    text = changed("key: /etc/hosted-ce/osg01.key", f"key: ⌖{KEY_TEXT}")
    problems = problems_of(tmp_path, text)
    assert (problems[0].line, problems[0].column) == places_of(text)[0]
    assert problems[0].message == "this is a private key, not the path of one"
    assert not any("c2VjcmV0" in problem.describe("x") for problem in problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("---\n", "the file is empty"),
        ("- site: a\n", "the file must begin with keys such as site:, not with a list"),
        (
            "Example-University\n",
            'the file must begin with keys such as site:, not with "Example-University"',
        ),
    ],
)
def test_a_file_that_is_no_site_file_says_how_to_start_one(tmp_path: Path, text: str, message: str) -> None:
    (problem,) = problems_of(tmp_path, text)
    assert (problem.line, problem.column) == (1, 1)
    assert (problem.path, problem.message) == ("", message)
    assert problem.hint == "copy routes/example.yaml and change it"


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "huge.yaml").write_bytes(b"#" * (1_048_576 + 1))
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    expected = {
        "none.yaml": "there is no such file; check the path, or copy routes/example.yaml and change it",
        ".": "this is a folder; name the site's YAML file",
        "pipe.yaml": "this is not an ordinary file; name the site's YAML file",
        "huge.yaml": "the file is larger than 1 MiB; a site file has a few kB; check the path",
        "loop.yaml": "the file cannot be read: Too many levels of symbolic links; "
        "let the user of this service read it",
    }
    for name, said in expected.items():
        path = tmp_path / name
        with pytest.raises(SiteFileError) as raised:
            load_site(path)
        assert str(raised.value) == f"{path}: {said}"


def test_a_file_of_exactly_the_largest_size_is_read(tmp_path: Path) -> None:
    padded = GOOD + "#" * (1_048_576 - len(GOOD))
    assert load_site(write(tmp_path, padded)).site == "Example-University"


def test_text_that_is_not_utf8_is_told_with_the_place_of_the_first_wrong_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("site: é\nresource: ä".encode() + b"\xe9\n")
    with pytest.raises(SiteFileError) as raised:
        load_site(path)
    assert str(raised.value) == f"{path}:2:12: the text is not UTF-8; save the file with UTF-8 encoding"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_site(path).resource == "Example-CE1"
