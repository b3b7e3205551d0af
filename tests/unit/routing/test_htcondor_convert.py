"""Old routes written anew. What HTCondor's own conversion makes of them is compared in tests/e2e/routing."""

from __future__ import annotations

from hosted_ce.routing.htcondor.convert import convert_entries
from hosted_ce.routing.htcondor.lint.rules import check_config
from hosted_ce.routing.htcondor.read import read_config

OLD = r"""
SITEUSER = osg01
JOB_ROUTER_DEFAULTS @=jrd
[ /* for all */ MaxIdleJobs = 2000; set_requirements = True; eval_set_Where = strcat("x ", Owner); ]
@jrd
JOB_ROUTER_ENTRIES @=jre
[
  Name = "main";
  GridResource = "batch pbs griduser@el7";
  TargetUniverse = 9;
  Requirements = (TARGET.Owner == "$(SITEUSER)") && TARGET.queue == allowed && target.x =?= MY.limit;
  allowed = "analy"; limit = 3;      // put into the expressions
  MaxIdleJobs = 10;
  set_default_maxMemory = 128; set_default_queue = "q1"; default_xcount = 3;
  set_default_remote_cerequirements = "A";
  copy_Environment = "orig_env";
  delete_SUBMIT_Iwd = true; delete_y = false;
  set_pattern = "a\\d";
  eval_set_AccountingGroup = strcat("group.", TARGET.Owner, allowed, "\\");
  JobShouldBeSandboxed = TARGET.x is undefined;
  copy_bad = 1;
]
[ GridResource = "condor a b"; ]
@jre
"""

NEW = r"""JOB_ROUTER_ROUTE_NAMES = main condor_a_b

JOB_ROUTER_ROUTE_main @=end
  REQUIREMENTS (Owner == "osg01") && queue == "analy" && x =?= 3
  allowed = analy
  default_xcount = 3
  GridResource = "batch pbs griduser@el7"
  JobShouldBeSandboxed = MY.x =?= undefined
  limit = 3
  MaxIdleJobs = 10
  default_maxMemory = 128
  default_queue = q1
  TargetUniverse = 9
  COPY Environment orig_env
  DELETE SUBMIT_Iwd
  DELETE y
  SET default_CERequirements "A"
  SET pattern "a\d"
  SET requirements true
  EVALSET AccountingGroup strcat("group.",MY.Owner,"analy","\\")
  EVALSET Where strcat("x ",Owner)
@end

JOB_ROUTER_ROUTE_condor_a_b @=end
  GridResource = "condor a b"
  MaxIdleJobs = 2000
  SET requirements true
  EVALSET Where strcat("x ",Owner)
@end
"""


def test_old_routes_are_written_anew() -> None:
    conversion = convert_entries(read_config([("old", OLD)]))
    assert conversion.text == NEW
    told = [(finding.place.line, finding.code, finding.message) for finding in conversion.findings]
    nothing_reads = "HTCondor's own conversion makes an attribute of it, which nothing reads"
    name = "the route 'condor a b' is now named condor_a_b: a name has letters, digits and _ only"
    assert told == [
        (23, "renamed-route", name),
        (14, "converted", f"set_default_maxMemory: {nothing_reads}"),
        (14, "converted", f"set_default_queue: {nothing_reads}"),
        (21, "converted", "copy_bad: it is left out: its value is not a text"),
        (17, "converted", "delete_y: HTCondor deletes the attribute all the same"),
    ]


def test_what_was_written_is_read_without_errors() -> None:
    constraint = "JOB_ROUTER_SOURCE_JOB_CONSTRAINT = true\n"
    findings = check_config(read_config([("new", constraint + NEW)]))
    assert [finding for finding in findings if finding.severity == "error"] == []


def test_of_two_routes_with_one_name_the_later_counts_unless_it_says_otherwise() -> None:
    def names(*entries: str) -> str:
        return convert_entries(read_config([("old", f"JOB_ROUTER_ENTRIES = {' '.join(entries)}")])).text

    first, second = '[ Name = "a"; x = 1; ]', '[ Name = "A"; x = 2; ]'
    assert "x = 2" in names(first, second)
    assert "x = 1" in names(first, '[ Name = "A"; x = 2; OverrideRoutingEntry = false; ]')


def test_a_list_of_routes_and_a_route_without_name() -> None:
    text = convert_entries(read_config([("old", "JOB_ROUTER_ENTRIES = { [ x = 1; ], [ x = 2; ] }")])).text
    assert text.startswith("JOB_ROUTER_ROUTE_NAMES = route1 route2\n")


def test_without_old_routes_there_is_nothing() -> None:
    conversion = convert_entries(read_config([("c", "JOB_ROUTER_ROUTE_NAMES = A")]))
    assert (conversion.text, conversion.findings) == ("", ())
