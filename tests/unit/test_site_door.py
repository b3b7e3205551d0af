"""The parts of a site file about the front door: issuers, bans, addresses, policy, and their lint."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.site import Problem, SiteFileError, lint_site, load_site

CLUSTERS = """\
site: Example-University
resource: Example-CE1
clusters:
  main:
    {batch: slurm, login: [{host: login.example.edu}], account: osg01, key: /k, known_hosts: /h,
     scratch: /tmp}
  other:
    {batch: slurm, login: [{host: login2.example.edu}], account: osg02, key: /k, known_hosts: /h,
     scratch: /tmp}
routes:
  - {name: main, cluster: main, when: RequestGPUs > 0}
  - {name: other, cluster: other}
"""

DOOR = """\
front_door:
  host: ce.example.edu
  certificate: /c.pem
  certificate_key: /c.key
"""

ISSUERS = """\
issuers:
  - {issuer: https://tokens.example.org/a, account: osg01}
  - {issuer: https://tokens.example.org/b, subjects: [one, two], account: osg02}
"""


def write(folder: Path, *parts: str) -> Path:
    path = folder / "x.yaml"
    path.write_text("".join((CLUSTERS, *parts)), encoding="utf-8")
    return path


def only_problem(folder: Path, *parts: str) -> Problem:
    with pytest.raises(SiteFileError) as raised:
        load_site(write(folder, *parts))
    (problem,) = raised.value.problems
    return problem


def findings(folder: Path, *parts: str) -> list[tuple[str, str]]:
    """Paths and messages of what lint says, without what it says of the clusters' files."""
    found = lint_site(write(folder, *parts), check_expression=None)
    return [(each.path, each.message) for each in found if not each.path.startswith("clusters.")]


def test_without_these_parts_there_is_no_door_and_nobody_is_taken(tmp_path: Path) -> None:
    site = load_site(write(tmp_path))
    assert (site.front_door, site.issuers, site.bans) == (None, (), ())
    assert site.clusters["main"].squid is None


def test_a_door_has_defaults_for_all_but_its_name_and_certificate(tmp_path: Path) -> None:
    door = load_site(write(tmp_path, DOOR)).front_door
    assert door is not None
    assert (door.host, door.port, door.max_jobs, door.poll) == ("ce.example.edu", 9619, 10_000, 1)
    assert (door.certificate, door.certificate_key) == (Path("/c.pem"), Path("/c.key"))
    assert (door.trusted_ca, door.advertise_to, door.bind) == (None, (), None)
    assert door.policy.model_dump() == {
        "no_route_hold": 30 * 60,
        "held_remove": 24 * 3600,
        "overrun_remove": 12 * 3600,
        "idle_remove": 10 * 86_400,
        "completed_expire": 7 * 86_400,
        "stage_in_remove": 30 * 60,
        "vanished_grace": 5 * 60,
    }


def test_issuers_and_bans_are_read_as_written(tmp_path: Path) -> None:
    bans = "bans:\n  - {issuer: https://tokens.example.org/a, subject: rogue}\n  - {issuer: https://x.org}\n"
    site = load_site(write(tmp_path, ISSUERS, bans))
    assert [(i.issuer, i.subjects, i.account) for i in site.issuers] == [
        ("https://tokens.example.org/a", None, "osg01"),
        ("https://tokens.example.org/b", ("one", "two"), "osg02"),
    ]
    assert [(ban.issuer, ban.subject) for ban in site.bans] == [
        ("https://tokens.example.org/a", "rogue"),
        ("https://x.org", None),
    ]


def test_one_issuers_subjects_may_have_other_accounts_than_the_rest_of_it(tmp_path: Path) -> None:
    rest = "  - {issuer: https://tokens.example.org/b, account: osg01}\n"
    assert len(load_site(write(tmp_path, ISSUERS, rest)).issuers) == 3


@pytest.mark.parametrize(
    ("parts", "path", "message"),
    [
        (
            ["issuers:\n  - {issuer: https://x.org, account: osg03}\n"],
            "issuers[0].account",
            'no cluster of this file has the account "osg03"',
        ),
        (
            [ISSUERS, "  - {issuer: https://tokens.example.org/a, account: osg02}\n"],
            "issuers[2].issuer",
            "every subject of this issuer has the account osg01 already, by issuers[0]",
        ),
        (
            [ISSUERS, "  - {issuer: https://tokens.example.org/b, subjects: [x, two], account: osg01}\n"],
            "issuers[2].subjects[1]",
            'subject "two" of this issuer has the account osg02 already, by issuers[1]',
        ),
        (
            ["issuers:\n  - {issuer: https://x.org, subjects: [], account: osg01}\n"],
            "issuers[0].subjects",
            "there is nothing in it",
        ),
        (
            ["issuers:\n  - {issuer: 'https://x.org,y', account: osg01}\n"],
            "issuers[0].issuer",
            '"https://x.org,y" has "," as character 14',
        ),
        (
            ["bans:\n  - {issuer: https://x.org, subject: 'a,b'}\n"],
            "bans[0].subject",
            '"a,b" has "," as character 2',
        ),
        (
            ['bans:\n  - {issuer: https://x.org, subject: "a$(HOME)"}\n'],
            "bans[0].subject",
            '"a$(HOME)" has "$" as character 2',
        ),
        ([DOOR.replace("host: ce", "host: CE")], "front_door.host", '"CE.example.edu" has capital letters'),
        (
            [DOOR.replace("ce.example.edu", "ce.example.edu:9619")],
            "front_door.host",
            '"ce.example.edu:9619" has a port in it',
        ),
        (
            [DOOR.replace("ce.example.edu", "'2001:db8::1'")],
            "front_door.host",
            '"2001:db8::1" is an IPv6 address',
        ),
        ([DOOR, "  bind: eth0\n"], "front_door.bind", '"eth0" is not an IP address'),
        (
            [DOOR, "  advertise_to: [collector.example.org]\n"],
            "front_door.advertise_to[0]",
            '"collector.example.org" has no port',
        ),
        (
            [DOOR, "  advertise_to: ['collector.example.org:99999']\n"],
            "front_door.advertise_to[0]",
            '"collector.example.org:99999" has port 99999',
        ),
        ([DOOR, "  max_jobs: 0\n"], "front_door.max_jobs", "0 is too small"),
        ([DOOR, "  policy: {held_remove: 24}\n"], "front_door.policy.held_remove", "24 has no unit"),
        (
            [DOOR, "  policy: {held_removes: 24h}\n"],
            "front_door.policy.held_removes",
            '"held_removes" is not a key that belongs here',
        ),
        ([DOOR.replace("  certificate: /c.pem\n", "")], "front_door.certificate", "this key is missing"),
        ([DOOR, "  policy:\n"], "front_door.policy", "there is no value"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(
    tmp_path: Path, parts: list[str], path: str, message: str
) -> None:
    problem = only_problem(tmp_path, *parts)
    assert (problem.path, problem.message) == (path, message)
    assert problem.hint
    assert problem.line is not None
    assert problem.line > CLUSTERS.count("\n")


def test_an_account_of_tokens_is_a_plain_name_though_a_clusters_may_be_more(tmp_path: Path) -> None:
    path = write(tmp_path)
    clusters = CLUSTERS.replace("account: osg01", "account: osg01@banned.example.org")
    path.write_text(f"{clusters}issuers:\n  - {{issuer: https://x.org, account: osg01@banned.example.org}}\n")
    with pytest.raises(SiteFileError, match=r'"osg01@banned\.example\.org" has "@" as character 6'):
        load_site(path)


def test_the_hint_for_a_wrong_key_knows_the_keys_of_optional_parts(tmp_path: Path) -> None:
    assert "did you mean certificate_key?" in only_problem(tmp_path, DOOR, "  certificate_keys: /x\n").hint
    assert "did you mean policy.held_remove?" in only_problem(tmp_path, DOOR, "  held_remove: 3h\n").hint
    assert (
        "add it: Path of the certificate's private key"
        in only_problem(tmp_path, DOOR.replace("  certificate_key: /c.key\n", "")).hint
    )


def test_a_cluster_may_have_a_squid(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(CLUSTERS.replace("account: osg01", "account: osg01, squid: 'squid.example.edu:3128'"))
    assert load_site(path).clusters["main"].squid == "squid.example.edu:3128"
    path.write_text(CLUSTERS.replace("account: osg01", "account: osg01, squid: squid.example.edu"))
    with pytest.raises(SiteFileError, match="has no port"):
        load_site(path)


def files(folder: Path) -> str:
    """A door whose files are all right."""
    (folder / "c.pem").write_text("certificate")
    (folder / "c.key").write_text("key")
    (folder / "c.key").chmod(0o600)
    return DOOR.replace("/c.", f"{folder}/c.")


def test_a_sound_door_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, ISSUERS, files(tmp_path), f"  trusted_ca: {tmp_path}\n") == []


def test_lint_looks_at_the_doors_files(tmp_path: Path) -> None:
    door = files(tmp_path)
    (tmp_path / "c.key").chmod(0o640)
    (tmp_path / "c.pem").unlink()
    assert findings(tmp_path, ISSUERS, door, f"  trusted_ca: {tmp_path}/none\n") == [
        ("front_door.certificate", f"there is no file {tmp_path}/c.pem"),
        ("front_door.certificate_key", f"{tmp_path}/c.key can be read by others (mode 0640)"),
        ("front_door.trusted_ca", f"there is no file {tmp_path}/none"),
    ]
    (tmp_path / "c.pem").mkdir()
    assert findings(tmp_path, ISSUERS, door)[0] == (
        "front_door.certificate",
        f"{tmp_path}/c.pem is not a file",
    )


def test_lint_says_when_the_door_takes_nobody(tmp_path: Path) -> None:
    assert findings(tmp_path, files(tmp_path)) == [("front_door", "no token is taken: there are no issuers")]


def test_lint_says_which_cluster_gets_no_pilots_from_the_door(tmp_path: Path) -> None:
    issuers = "issuers:\n  - {issuer: https://x.org, account: osg01}\n"
    found = lint_site(write(tmp_path, issuers, files(tmp_path)), check_expression=None)
    assert [each.path for each in found if "none come from the front door" in each.message] == [
        "clusters.other.account"
    ]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            ["issuers:\n  - {issuer: scitokens.org/ospool, account: osg01}\n"],
            [
                (
                    "issuers[0].issuer",
                    '"scitokens.org/ospool" does not begin with https://, as the iss of tokens does',
                )
            ],
        ),
        (
            [ISSUERS, "bans:\n  - {issuer: https://tokens.example.org/a/}\n"],
            [
                (
                    "bans[0].issuer",
                    '"https://tokens.example.org/a/" and "https://tokens.example.org/a" are two issuers: '
                    "the slash at the end counts",
                ),
                ("bans[0]", "no entry of issuers: takes this issuer, so this bans nobody"),
            ],
        ),
        (
            [ISSUERS, "bans:\n  - {issuer: https://tokens.example.org/b, subject: three}\n"],
            [
                (
                    "bans[0]",
                    'no entry of issuers: takes subject "three" of this issuer, so this bans nobody',
                )
            ],
        ),
        (
            [ISSUERS, "bans:\n  - {issuer: https://tokens.example.org/b, subject: two}\n"],
            [],
        ),
        ([ISSUERS, "bans:\n  - {issuer: https://tokens.example.org/a, subject: anyone}\n"], []),
        ([ISSUERS, "bans:\n  - {issuer: https://tokens.example.org/b}\n"], []),
    ],
)
def test_lint_finds_names_that_no_token_has(
    tmp_path: Path, parts: list[str], expected: list[tuple[str, str]]
) -> None:
    assert sorted(findings(tmp_path, *parts)) == sorted(expected)


def test_lint_says_whose_pilots_get_no_work_folder(tmp_path: Path) -> None:
    path = write(tmp_path, ISSUERS, files(tmp_path))
    path.write_text(path.read_text().replace(",\n     scratch: /tmp", ""))
    assert without_work_folder(path) == ["routes[0].name", "routes[1].name"]
    own = "{name: other, request: {environment: {OSG_WN_TMP: /work}}, "
    path.write_text(path.read_text().replace("{name: other, ", own))
    assert without_work_folder(path) == ["routes[0].name"]


def without_work_folder(path: Path) -> list[str]:
    found = lint_site(path, check_expression=None)
    return [each.path for each in found if "OSG_WN_TMP" in each.message]
