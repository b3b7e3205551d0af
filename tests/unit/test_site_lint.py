"""What lint adds to loading: expressions, the files that are named, settings that defeat themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.routing.compile import check_expression
from hosted_ce.site import Problem, lint_site
from hosted_ce.site.known_hosts import may_know

EXAMPLE = Path(__file__).parents[2] / "routes" / "example.yaml"

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake"


class Site:
    """A site file, its key and its known_hosts, with nothing wrong until a test changes them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "x.yaml"
        self.key = folder / "osg01.key"
        self.known_hosts = folder / "known_hosts"
        self.key.write_text("a key\n")
        self.key.chmod(0o600)
        self.known_hosts.write_text(f"login.example.edu {HOST_KEY}\n")
        self.text = f"""\
site: Example-University
resource: Example-CE1
clusters:
  main:
    batch: slurm
    login:
      - host: login.example.edu
    account: osg01
    key: {self.key}
    known_hosts: {self.known_hosts}
    poll: 5m
routes:
  - name: gpu
    when: RequestGPUs > 0
  - name: default
    request:
      walltime: 7d
    limits:
      pilots: 10
      idle: 10
"""

    def change(self, old: str, new: str) -> None:
        assert self.text.count(old) == 1, old
        self.text = self.text.replace(old, new)

    def lint(self) -> list[Problem]:
        self.path.write_text(self.text, encoding="utf-8")
        return lint_site(self.path, check_expression=accept_all)

    def only_finding(self) -> Problem:
        (problem,) = self.lint()
        return problem

    def place(self, text: str) -> tuple[int, int]:
        before = self.text[: self.text.index(text)]
        return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def accept_all(expression: str) -> None:
    return None


def place_of(problem: Problem) -> tuple[int | None, int | None]:
    return problem.line, problem.column


def test_a_sound_file_has_no_findings(site: Site) -> None:
    assert site.lint() == []


def test_the_example_lacks_nothing_but_its_key_files() -> None:
    problems = lint_site(EXAMPLE, check_expression=accept_all)
    assert [(problem.path, problem.severity) for problem in problems] == [
        ("clusters.main.key", "warning"),
        ("clusters.main.known_hosts", "warning"),
        ("front_door.certificate", "warning"),
        ("front_door.certificate_key", "warning"),
    ]
    assert problems[0].message == "there is no file /etc/hosted-ce/osg01.key"


def test_errors_of_loading_are_findings_too(tmp_path: Path) -> None:
    missing = lint_site(tmp_path / "none.yaml", check_expression=accept_all)
    assert [problem.message for problem in missing] == ["there is no such file"]
    (tmp_path / "x.yaml").write_text("site: a\n")
    problems = lint_site(tmp_path / "x.yaml", check_expression=None)
    assert {problem.path for problem in problems} == {"resource", "clusters", "routes"}
    assert {problem.severity for problem in problems} == {"error"}


def test_a_wrong_expression_is_an_error_at_its_place(site: Site) -> None:
    site.path.write_text(site.text)
    problems = lint_site(site.path, check_expression=lambda text: f"no good:\n  {text}")
    (problem,) = problems
    assert place_of(problem) == site.place("RequestGPUs > 0")
    assert problem.describe("x.yaml") == (
        'x.yaml:14:11: routes[0].when: "RequestGPUs > 0" is not a ClassAd expression: '
        'no good: RequestGPUs > 0; write it as in RequestGPUs > 0 && queue =?= "osg"'
    )
    assert problem.severity == "error"


def test_a_wrong_expression_is_found_beside_other_errors(site: Site) -> None:
    site.change("walltime: 7d", "walltime: 7")
    site.path.write_text(site.text)
    problems = lint_site(site.path, check_expression=lambda text: "no good")
    assert [problem.path for problem in problems] == ["routes[0].when", "routes[1].request.walltime"]


def test_each_expression_is_checked_as_it_was_written(site: Site) -> None:
    seen: list[str] = []
    site.change("  - name: default\n", "  - name: default\n    when: >-\n      a ||\n      b\n")
    site.path.write_text(site.text)
    assert lint_site(site.path, check_expression=seen.append) == []
    assert seen == ["RequestGPUs > 0", "a || b"]


def test_a_key_file_that_is_missing_is_a_warning(site: Site) -> None:
    site.key.unlink()
    problem = site.only_finding()
    assert place_of(problem) == site.place(str(site.key))
    assert (problem.severity, problem.path) == ("warning", "clusters.main.key")
    assert problem.describe("x").startswith("x:9:10: warning: clusters.main.key: there is no file ")


@pytest.mark.parametrize(
    ("mode", "severity"),
    [
        (0o640, "error"),
        (0o604, "error"),
        (0o644, "error"),
        (0o700, "warning"),
        (0o620, "warning"),
        (0o602, "warning"),
        (0o600, None),
        (0o400, None),
    ],
)
def test_a_key_file_is_for_its_owner_only(site: Site, mode: int, severity: str | None) -> None:
    site.key.chmod(mode)
    problems = site.lint()
    assert [problem.severity for problem in problems] == ([severity] if severity else [])
    for problem in problems:
        assert f"{mode:04o}" in problem.message
        assert f"chmod 600 {site.key}" in problem.hint


def test_a_key_that_is_a_folder_is_an_error(site: Site) -> None:
    site.key.unlink()
    site.key.mkdir()
    problem = site.only_finding()
    assert (problem.severity, problem.message) == ("error", f"{site.key} is not a file")


def test_a_key_path_through_a_file_says_why_it_cannot_be_looked_at(site: Site) -> None:
    site.change(f"key: {site.key}", f"key: {site.known_hosts}/key")
    problem = site.only_finding()
    assert (problem.severity, problem.path) == ("warning", "clusters.main.key")
    assert problem.message.endswith("cannot be looked at: Not a directory")


def test_known_hosts_that_is_missing_or_unreadable_is_a_warning(site: Site) -> None:
    site.known_hosts.unlink()
    problem = site.only_finding()
    assert place_of(problem) == site.place(str(site.known_hosts))
    assert (problem.severity, problem.message) == ("warning", f"there is no file {site.known_hosts}")
    site.known_hosts.mkdir()
    assert site.only_finding().message == f"{site.known_hosts} cannot be read: Is a directory"


def test_each_login_node_needs_an_entry_in_known_hosts(site: Site) -> None:
    site.change(
        "      - host: login.example.edu\n", "      - host: login.example.edu\n      - host: two.edu\n"
    )
    problem = site.only_finding()
    assert place_of(problem) == site.place("two.edu")
    assert problem.path == "clusters.main.login[1].host"
    assert "has no entry for two.edu port 22" in problem.message
    assert "hosted-ce site trust" in problem.hint


def test_a_route_behind_one_without_when_is_pointed_out(site: Site) -> None:
    site.change("routes:\n", "routes:\n  - name: all\n")
    problems = site.lint()
    assert [problem.path for problem in problems] == ["routes[1].name", "routes[2].name"]
    assert place_of(problems[0]) == site.place("gpu")
    assert problems[0].severity == "warning"
    assert problems[0].message == 'no pilot comes here: route "all" comes first and has no when:'


def test_a_route_behind_one_that_lets_pilots_go_on_is_reached(site: Site) -> None:
    site.change("routes:\n", "routes:\n  - name: all\n    if_full: next\n")
    assert site.lint() == []


@pytest.mark.parametrize("text", ["= xcount >", "= a b", "=x ? 1 : 2 3"])
def test_an_expression_of_a_request_is_checked(site: Site, text: str) -> None:
    site.change("      walltime: 7d\n", f'      memory: "{text}"\n')
    site.path.write_text(site.text)
    (problem,) = lint_site(site.path, check_expression=check_expression)
    assert problem.path == "routes[1].request.memory"
    assert problem.message.count("is not a ClassAd expression") == 1


def test_a_file_of_htcondor_ce_that_is_not_there_is_an_error_at_its_place(site: Site) -> None:
    site.change("    when: RequestGPUs > 0\n", "    htcondor: {files: [ce/10.conf, nope.conf]}\n")
    (site.path.parent / "ce").mkdir()
    (site.path.parent / "ce/10.conf").write_text("")
    problem = site.only_finding()
    assert (problem.path, place_of(problem)) == ("routes[0].htcondor.files[1]", site.place("nope.conf"))
    assert problem.severity == "error"
    assert str(site.path.parent / "nope.conf") in problem.message


def test_an_idle_limit_above_the_limit_of_pilots_is_pointed_out(site: Site) -> None:
    site.change("idle: 10", "idle: 11")
    problem = site.only_finding()
    assert place_of(problem) == site.place("11\n")
    assert problem.path == "routes[1].limits.idle"
    assert problem.message == "idle (11) is more than pilots (10), so it limits nothing"


def test_a_route_that_is_closed_is_not_nagged_about_its_idle_limit(site: Site) -> None:
    site.change("pilots: 10", "pilots: 0")
    assert site.lint() == []


def test_the_default_idle_limit_is_compared_too(site: Site) -> None:
    site.change("      pilots: 10\n      idle: 10\n", "      pilots: 4\n")
    problem = site.only_finding()
    assert (problem.path, place_of(problem)) == ("routes[1].limits.idle", site.place("limits:"))


def test_a_walltime_above_a_week_is_pointed_out(site: Site) -> None:
    site.change("walltime: 7d", "walltime: 4320h")
    problem = site.only_finding()
    assert place_of(problem) == site.place("4320h")
    assert problem.message == "180d is more than 7 days for one pilot"


def test_a_poll_longer_than_slurm_remembers_is_pointed_out_with_the_reason(site: Site) -> None:
    site.change("poll: 5m", "poll: 301s")
    problem = site.only_finding()
    assert place_of(problem) == site.place("301s")
    assert "MinJobAge, 300 s by default" in problem.message


def test_a_cluster_without_a_route_is_pointed_out(site: Site) -> None:
    cluster = site.text[site.text.index("  main:") : site.text.index("routes:")]
    site.change("routes:\n", cluster.replace("main:", "spare:") + "routes:\n")
    site.change("- name: gpu", "- name: gpu\n    cluster: main")
    site.change("- name: default", "- name: default\n    cluster: main")
    problem = site.only_finding()
    assert place_of(problem) == site.place("spare")
    assert (problem.path, problem.message) == ("clusters.spare", "no route uses this cluster")


@pytest.mark.parametrize(
    ("entry", "host", "port", "known"),
    [
        ("a.edu", "a.edu", 22, True),
        ("A.EDU", "a.edu", 22, True),
        ("b.edu,a.edu", "a.edu", 22, True),
        ("b.edu", "a.edu", 22, False),
        ("xa.edu", "a.edu", 22, False),
        ("a.eduu", "a.edu", 22, False),
        ("axedu", "a.edu", 22, False),
        ("[a.edu]:2222", "a.edu", 2222, True),
        ("[a.edu]:2222", "a.edu", 22, False),
        ("[a.edu]:2222", "a.edu", 2223, False),
        ("[a.edu]:2222,[10.0.0.1]:2222", "10.0.0.1", 2222, True),
        ("a.edu", "a.edu", 2222, True),
        ("*.edu", "a.edu", 22, True),
        ("?.edu", "a.edu", 22, True),
        ("[*.edu]:2222", "a.edu", 2222, True),
        ("*.edu,!a.edu", "a.edu", 22, False),
        ("*.edu,!b.edu", "a.edu", 22, True),
        ("@cert-authority *.edu", "a.edu", 22, True),
        ("@revoked a.edu", "a.edu", 22, False),
        ("# a.edu", "a.edu", 22, False),
        ("|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=", "a.edu", 22, True),
    ],
)
def test_known_hosts_entries_are_recognised(entry: str, host: str, port: int, known: bool) -> None:
    text = f"\n# comment\nother.example.org {HOST_KEY}\n{entry} {HOST_KEY}\n"
    assert may_know(text, host, port) is known
