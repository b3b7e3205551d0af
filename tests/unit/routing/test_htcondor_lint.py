"""Every kind of finding has a configuration that shows it, with its line; a good configuration has none."""

from __future__ import annotations

import pytest

from hosted_ce.routing.htcondor.codes import CODES
from hosted_ce.routing.htcondor.convert import convert_entries
from hosted_ce.routing.htcondor.defaults import ce_defaults
from hosted_ce.routing.htcondor.lint.mapfile import check_mapfiles
from hosted_ce.routing.htcondor.lint.rules import check_config
from hosted_ce.routing.htcondor.place import Finding
from hosted_ce.routing.htcondor.read import read_config

BASE = {"COLLECTOR_HOST": "ce.example.edu:9619"}
HEAD = "JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=end\n  TargetUniverse = 9\n"
"""A route's statements begin in line 4."""
ROUTE_B = "JOB_ROUTER_ROUTE_B = TargetUniverse = 9\n"
NO_STATEMENT = "JOB_ROUTER_TRANSFORM_E @=e\n# nothing\n@e\n"


def found_in(text: str) -> tuple[Finding, ...]:
    return check_config(read_config([ce_defaults(), ("site.conf", text)], BASE))


def route(*lines: str, behind: str = "") -> str:
    return f"{HEAD}{''.join(f'  {line}' + chr(10) for line in lines)}@end\n{behind}"


GOOD = route(
    'REQUIREMENTS queue == "osg" && regexp("^osg[0-9]+$", Owner)',
    'GridResource = "batch slurm osg01@login.example.edu"',
    "MaxJobs = 100",
    "default_maxMemory = 4000",
    "default_queue = osg",
    'SET default_CERequirements "Queue"',
    "EVALSET BatchProject ifThenElse(isUndefined(project), \"osg\", project)",
    "RENAME /^Glidein(.*)$/ Pilot\\1",
    "if defined MY.RequestGPUs",
    '  SET BatchExtraSubmitArgs "--gres=gpu:$(MY.RequestGPUs)"',
    "endif",
)  # fmt: skip


def test_nothing_is_found_in_the_defaults_and_a_good_route() -> None:
    assert [finding.describe() for finding in found_in(GOOD)] == []


CASES = [
    ("attribute-name", route("SET $(MY.x) 1"), 4),
    ("attribute-name", route("SET a-b 1"), 4),
    ("attribute-name", route("COPY Owner 1x"), 4),
    ("behind-transform", route("TRANSFORM 1", "SET x 1"), 5),
    ("broken", route("NONSENSE x"), 4),
    ("broken", route("SET x"), 4),
    ("broken", route("\x1e "), 4),
    ("broken", route('queue = "osg"'), 4),
    ("broken", route("if true"), 4),
    ("broken", route("endif"), 4),
    ("broken", route("COPY /^x y"), 4),
    ("broken", route("COPY /^x/q y"), 4),
    ("broken", route("REQUIREMENTS"), 4),
    ("condition", route("if $(MY.x) > 1", "endif"), 4),
    ("condition", route("if x == 1", "endif"), 4),
    ("condition", route("if false", "elif something", "endif"), 5),
    ("condition", "if a && b\nendif\n", 1),
    ("default-attribute", route("SET default_maxMemory 3000"), 4),
    ("default-attribute", route('EVALSET default_queue "q"'), 4),
    ("default-macro", route('default_CERequirements = "X"'), 4),
    ("empty-environment", "CONDORCE_PILOT_JOB_ENV =\n", 1),
    ("endless-macro", "a = $(b)\nb = $(a)\n$(a) = 1\n", 3),
    ("endless-macro", "a = $(b)\nc = $INT(a)\nb = x $CHOICE(c,$(d))\n", 1),
    ("endless-macro", "a = 1\nb = $EVAL(b)\n", 2),
    ("endless-macro", "a = $(b)\n" + route("b = $(a)", "SET x $(a)"), 1),
    ("endless-macro", route("b = $(a)", "a = $Fp(b)", "SET x $(a)"), 4),
    ("endless-macro", "JOB_ROUTER_ROUTE_NAMES = $INT(JOB_ROUTER_ROUTE_NAMES)\n", 1),
    ("envelope-in-if", route("if false", "REQUIREMENTS true", "endif"), 5),
    ("error-directive", "error : not here\n", 1),
    ("expression", route("SET x 1 2"), 4),
    ("expression", route("EVALSET x (1"), 4),
    ("expression", route('SET x eval("1")'), 4),
    ("grid-resource", route("GridResource = batch slurm $(MY.Owner)@login"), 4),
    ("here-document", "X @=end\n  text\n", 1),
    ("hidden-route", route(behind=ROUTE_B).replace("NAMES = A", "NAMES = A B"), 5),
    ("if-structure", "endif\n", 1),
    ("if-structure", "if true\nelse\nelse\nendif\n", 3),
    ("if-structure", "X = 1\nif true\n", 2),
    ("ignored-text", route("EVALSET x 1 # why"), 4),
    ("ignored-text", route("SET x a ? b : c d"), 4),
    ("name-comma", route("SET x, 1"), 4),
    ("name-comma", route("DELETE x,"), 4),
    ("nested-default", route("x = $(y:$(z:$(default_queue)))", "y = 1", "z = $(x)"), 4),
    ("nested-function", route("SET x $INT($(default_xcount:1))"), 4),
    ("no-effect", route("EditJobInPlace = true"), 4),
    ("no-route", "JOB_ROUTER_ROUTE_NAMES = Nope\n", 1),
    ("no-route", "JOB_ROUTER_ROUTE_NAMES = Empty\nJOB_ROUTER_ROUTE_Empty =\n", 1),
    ("no-transform", "JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = Nope\n", 1),
    ("no-transform", f"JOB_ROUTER_PRE_ROUTE_TRANSFORM_NAMES = E\n{NO_STATEMENT}", 1),
    ("not-a-macro", route('SET x "$(MY.queue:no-queue)"'), 4),
    ("not-a-macro", "X = $(JobStatus != 3)\n", 1),
    ("not-followed", "JOB_ROUTER_ROUND_ROBIN_SELECTION = True\n", 1),
    ("not-followed", "JOB_ROUTER_HOOK_KEYWORD = X\n", 1),
    ("not-followed", "LOCAL_CONFIG_FILE = /usr/bin/generate|\n", 1),
    ("not-read", "include : /etc/condor-ce/more\n", 1),
    ("not-read", "use feature : GPUs\n", 1),
    ("old-routes", 'JOB_ROUTER_ENTRIES = [ Name = "x"; ]\n', 1),
    ("old-routes", 'JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A = [ Name = "x"; ]\n', 2),
    ("old-statement", route("set_WantDocker = True; set_x = 1"), 4),
    ("old-statement", route("delete_x = true"), 4),
    ("pattern", route("DELETE /^(a/"), 4),
    ("pattern-flag", route("DELETE /^a/g"), 4),
    ("plus-attribute", route('+Project = "x"'), 4),
    ("policy", "SYSTEM_PERIODIC_HOLD = $(JobStatus != 3) && true\n", 1),
    ("policy", "SUBMIT_REQUIREMENT_Size = Size >\n", 1),
    ("policy", "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = JobUniverse ==\n", 1),
    ("requirements", route("REQUIREMENTS Owner = 1"), 4),
    ("requirements", "JOB_ROUTER_SOURCE_JOB_CONSTRAINT =\n" + route(), 3),
    ("requirements-backslash", route(r'REQUIREMENTS regexp("^\d+$", queue)'), 4),
    ("requirements-fatal", route("REQUIREMENTS true // all"), 4),
    ("requirements-macro", route('REQUIREMENTS Owner == "$(SITEUSER)"'), 4),
    ("requirements-macro-name", route('Requirements = Owner == "x"'), 4),
    ("requirements-my", route('REQUIREMENTS MY.queue == "x"'), 4),
    ("requirements-target", route('REQUIREMENTS TARGET.queue == "x"'), 4),
    ("requirements-twice", route("REQUIREMENTS true", "REQUIREMENTS false"), 5),
    ("route", route("x@y = 1"), 4),
    ("stray-comment", "X = a \\\n# comment\n  b\n", 1),
    ("stray-comment", route("SET x 1 + \\", "# comment", "2"), 4),
    ("syntax", "nonsense\n", 1),
    ("syntax", "a-b = 1\n", 1),
    ("text-before-equals", "A B = 1\n", 1),
    ("undefined-macro", route('SET x "$(default_quue)"'), 4),
    ("universe", "JOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=e\nUNIVERSE VANILLA\n@e\n", 3),
    ("unnamed-route", route(behind=ROUTE_B), 5),
    ("unnamed-transform", route(behind="JOB_ROUTER_TRANSFORM_B = SET x 1\n"), 5),
    ("unread-macro", route("default_maxmemroy = 3000"), 4),
    ("unread-macro", route("EVALMACRO t 1 + 1"), 4),
    ("unusable-character", "X = 1\nY = \0\n", 2),
    ("unusable-character", "X = \udce9\n", 1),
    ("warning-directive", "warning : careful\n", 1),
    ("written-over", route("SET RequestMemory 4000"), 4),
]  # fmt: skip


IDS = [f"{code}-{number}" for number, (code, _, _) in enumerate(CASES)]


@pytest.mark.parametrize(("code", "text", "line"), CASES, ids=IDS)
def test_it_is_found_in_its_line(code: str, text: str, line: int) -> None:
    found = [finding for finding in found_in(text) if finding.place.file == "site.conf"]
    assert code in [finding.code for finding in found if finding.place.line == line], found


BAN = "x@banned.htcondor.org"
MAPFILES = [
    ("mapfile-ban", f'SCITOKENS /^https:\\/\\/a.org,/ osg\nSCITOKENS "https://a.org,bad" {BAN}\n', 2),
    ("mapfile-pattern", "SCITOKENS /^(/ osg\n", 1),
    ("mapfile-syntax", "SCITOKENS\n", 1),
    ("mapfile-unanchored", "# map\nSCITOKENS /https:\\/\\/a.org,x$/ osg\n", 2),
    ("mapfile-unanchored", "SCITOKENS /^https:\\/\\/a.org,x/ osg\n", 1),
]


@pytest.mark.parametrize(("code", "text", "line"), MAPFILES)
def test_it_is_found_in_a_mapfile(code: str, text: str, line: int) -> None:
    found = [(finding.code, finding.place.line) for finding in check_mapfiles([("map", text)])]
    assert found == [(code, line)]


def test_nothing_is_found_in_a_good_mapfile() -> None:
    text = (
        "@include /etc/condor-ce/more\n"
        'SCITOKENS "https://a.org,bad" x@banned.htcondor.org\n'
        "SCITOKENS /^https:\\/\\/a\\.org,bad2$/ x@banned.htcondor.org\n"
        "SCITOKENS /^https:\\/\\/a.org,/ osg\n"
        "SCITOKENS /^https:\\/\\/b.org,x$/i osg\n"
        "SCITOKENS /^https:\\/\\/c.org,.*/ osg\n"
        "FS /(.*)/ \\1\n"
        'SSL "/DC=org/CN=ce.example.edu" ce@daemon.htcondor.org\n'
    )
    assert check_mapfiles([("map", text)]) == []


OLD = [
    ("converted", '[ Name = "A"; set_default_queue = "q"; ]', 2),
    ("old-syntax", '[ Name = "A"; x = 1 2; ]', 2),
    ("old-syntax", '[ Name = "A"; x = (; ]', 2),
    ("old-syntax", '[ Name = "A";\n x = *; ]', 3),
    ("old-syntax", "nonsense", 2),
    ("renamed-route", '[ Name = "one two"; ]', 2),
    ("several-lines", '[ Name = "A"; set_x = "a\\nb"; ]', 2),
]


@pytest.mark.parametrize(("code", "text", "line"), OLD)
def test_it_is_found_in_old_routes(code: str, text: str, line: int) -> None:
    config = read_config([("old.conf", f"JOB_ROUTER_ENTRIES @=end\n{text}\n@end\n")])
    found = [(finding.code, finding.place.line) for finding in convert_entries(config).findings]
    assert (code, line) in found


@pytest.mark.parametrize(
    "text",
    [
        "a = $ENV(a)\nb = $RANDOM_CHOICE(a,b) $RANDOM_INTEGER(b,2) $CHOICE(a,b,c)\n",
        "a = 1\na = $(a) $Fp(a)\n",
        "a = x\nb = $(a:$(c))\nc = $(b)\n",
        "a = x\nJOB_ROUTER.a = $(a) y\n",
        route("a = $(b)", behind="JOB_ROUTER_ROUTE_NAMES = A B\nJOB_ROUTER_ROUTE_B @=end\nb = $(a)\n@end\n"),
    ],
)
def test_what_ends_is_not_endless(text: str) -> None:
    assert "endless-macro" not in {finding.code for finding in found_in(text)}


def test_as_many_circles_are_told_as_somebody_reads() -> None:
    text = "".join(f"a{number} = $INT(a{number})\n" for number in range(100))
    assert 20 <= len([1 for finding in found_in(text) if finding.code == "endless-macro"]) < 100


def test_every_kind_is_shown_here_and_explained() -> None:
    shown = {code for code, _, _ in (*CASES, *MAPFILES, *OLD)}
    with_a_site_file = {"grid-resource-cluster"}  # tests/unit/test_route_findings.py
    assert shown | with_a_site_file == set(CODES)


def test_findings_are_told_as_compilers_do() -> None:
    told = [finding.describe() for finding in found_in(route("SET x 1 2", "SET RequestMemory 5"))]
    assert told == [
        "site.conf:4: HTCondor passes this over: `2` is too much behind the expression [expression]",
        "site.conf:5: warning: the transform Memory sets RequestMemory anew behind the route; "
        "write `default_maxMemory = …` [written-over]",
    ]


def test_what_macros_hide_from_loading_is_found_once() -> None:
    found = found_in(route("NONSENSE x"))
    assert [finding.code for finding in found] == ["broken"]
