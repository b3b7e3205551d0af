"""Single things that are imported: identities, patterns, destinations, sections, scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.routing.classad import Ad, is_true, tree_of
from hosted_ce.routing.htcondor.place import Place
from hosted_ce.site_import import LONGEST, Note, Source, SourceError, import_site, kind_of
from hosted_ce.site_import.conditions import conditions
from hosted_ce.site_import.destination import Destination
from hosted_ce.site_import.facts import Facts, PilotKind
from hosted_ce.site_import.grid import OWNER, read_grid_resource
from hosted_ce.site_import.ini import read_sections
from hosted_ce.site_import.mapfiles import take_mapfile
from hosted_ce.site_import.notes import Notes
from hosted_ce.site_import.report import markdown_report
from hosted_ce.site_import.scripts import PAGE, take_script
from hosted_ce.site_import.secrets import without_secrets
from hosted_ce.site_import.times import spell_minutes

ISSUER = "https://scitokens.org/osg-connect"


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        (r"/^https\:\/\/scitokens\.org\/osg\-connect,/", None),
        (r"/^https:\/\/scitokens\.org\/osg-connect,.*/", None),
        (r"/^https:\/\/scitokens\.org\/osg-connect,.*$/", None),
        (r"/^https:\/\/scitokens.org\/osg-connect,/", None),
        (r"/^https:\/\/scitokens\.org\/osg-connect,a\-b$/", "a-b"),
        (f'"{ISSUER},a-b"', "a-b"),
        (f"{ISSUER},a-b", "a-b"),
    ],
)
def test_a_line_that_means_one_name_goes_over(pattern: str, subject: str | None) -> None:
    facts = Facts()
    take_mapfile("m", f"SCITOKENS {pattern} osg01", facts)
    [identity] = facts.allowed
    assert (identity.issuer, identity.subject, identity.account) == (ISSUER, subject, "osg01")
    assert [note.status for note in facts.notes] == ["mapped"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (r"SCITOKENS /scitokens\.org,/ a", "does not begin with ^"),
        (r"SCITOKENS /^https:\/\/x,sub/ a", "does not end with $"),
        (r"SCITOKENS /^https:\/\/x/ a", "does not end with $"),
        (r"SCITOKENS /^https:\/\/x,$/ a", "without a subject"),
        (r"SCITOKENS /^https:\/\/x,sub\$/ a", "does not end with $"),
        (r"SCITOKENS /^https:\/\/(x|y),/ a", "more than one name"),
        (r"SCITOKENS /^https:\/\/x\d,/ a", "more than one name"),
        (r"SCITOKENS /^https:\/\/x,/i a", "flags"),
        (r"SCITOKENS https://x a", "no issuer,subject"),
        (r"SCITOKENS /^https:\/\/x,/ root", "power over all jobs"),
        (r"SSL /CN=a/ a", "tokens only"),
        ("@include /etc/condor-ce/mapfiles.d", "files that are meant"),
        ("SCITOKENS", "no line of a mapfile"),
    ],
)
def test_a_line_that_means_more_is_for_a_person(line: str, why: str) -> None:
    facts = Facts()
    take_mapfile("m", f"# first\n{line}", facts)
    [note] = facts.notes
    assert facts.allowed == []
    assert (note.status, note.place) == ("person", Place("m", 2))
    assert why in note.message


def test_what_an_earlier_line_takes_does_nothing_today_and_nothing_here() -> None:
    facts = Facts()
    lines = [f'SCITOKENS /^{ISSUER},/ all'.replace("//", r"\/\/").replace("org/", r"org\/"),
             f'SCITOKENS "{ISSUER},x" other', f'SCITOKENS "{ISSUER},y" y@banned.htcondor.org',
             f'SCITOKENS "{ISSUER},z" all']  # fmt: skip
    take_mapfile("m", "\n".join(lines), facts)
    assert [each.account for each in facts.allowed] == ["all"]
    assert facts.banned == []
    assert [note.status for note in facts.notes] == ["mapped", "person", "person", "mapped"]


def test_a_ban_of_the_rest_of_an_issuer_takes_nothing_from_subjects_before_it() -> None:
    facts = Facts()
    every = r"/^https:\/\/scitokens\.org\/osg-connect,/"
    take_mapfile(
        "m", f'SCITOKENS "{ISSUER},x" a\nSCITOKENS {every} b@banned.htcondor.org\nSCITOKENS {every} c', facts
    )
    assert [(each.subject, each.account) for each in facts.allowed] == [("x", "a")]
    assert facts.banned == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("batch slurm", Destination("slurm")),
        (f"batch slurm {OWNER}@h.example.edu --rgahp-glite ~/b/glite", Destination("slurm", "h.example.edu")),
        ("batch pbs osg@login.example.edu:2222", Destination("pbs", "login.example.edu", 2222, "osg")),
        ("batch sge login.example.edu", Destination("sge", "login.example.edu")),
        ("batch condor osg@h", Destination("htcondor", "h", None, "osg")),
        ("condor submit.example.edu cm.example.edu", Destination("htcondor", "submit.example.edu")),
        ("batch flux osg@h", None),
        ("ec2 https://ec2.example.com", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_grid_resource_says_where_routes_lead(text: str, expected: Destination | None) -> None:
    assert read_grid_resource(text) == expected


KINDS = st.builds(
    PilotKind,
    name=st.just("x"),
    place=st.just(Place("f", 1)),
    cpus=st.sampled_from([1, 4, 8]),
    memory=st.sampled_from([2500, 32000]),
    walltime=st.sampled_from([1440, 4320]),
    queue=st.sampled_from([None, "osg", "gpu"]),
    gpus=st.sampled_from([0, 1, 2]),
    whole_node=st.booleans(),
)


def pilot_of(kind: PilotKind) -> Ad:
    """What a factory's entry for a section sends."""
    values: dict[str, object] = {"xcount": kind.cpus, "maxMemory": kind.memory, "maxWallTime": kind.walltime}
    values |= {"BatchQueue": kind.queue} if kind.queue else {}
    values |= {"RequestGPUs": kind.gpus} if kind.gpus else {}
    values |= {"WantWholeNode": True} if kind.whole_node else {}
    return Ad(values)


@given(st.lists(KINDS, min_size=1, max_size=6))
def test_a_sections_pilots_match_its_own_route_and_those_of_its_twins_only(kinds: list[PilotKind]) -> None:
    whens = conditions(kinds)
    for kind in kinds:
        pilot = pilot_of(kind)
        matched = [when is None or is_true(pilot.evaluate(tree_of(when))) for when in whens]
        assert matched == [other == kind for other in kinds]


def test_sections_of_one_kind_need_no_condition() -> None:
    kind = PilotKind("x", Place("f", 1))
    assert conditions([kind]) == [None]
    assert conditions([kind, kind]) == [None, None]


def test_sections_are_read_with_their_lines() -> None:
    notes = Notes()
    text = "; c\n[A b ]\nx = 1\nY: two\n   more\nz = UNAVAILABLE\n[c]\nwhat is this\n[A b]\nx = 3\n"
    first, second = read_sections("f", text, notes)
    assert (first.name, second.name) == ("A b", "c")
    assert {name: (each.value, each.place.line) for name, each in first.options.items()} == {
        "x": ("3", 10), "y": ("two more", 4),
    }  # fmt: skip
    assert [note.place.line for note in notes] == [8, 9]


@pytest.mark.parametrize(
    ("line", "target", "value"),
    [
        ('echo "#SBATCH --account=proj"', "account", "proj"),
        ("echo '#SBATCH -p long'", "queue", "long"),
        ("echo '#SBATCH --qos opp'", "qos", "opp"),
        ("echo '#SBATCH -C \"a&b\"'", "constraint", "a&b"),
        ('echo "#SBATCH --reservation=r"', "reservation", "r"),
    ],
)
def test_what_a_script_always_prints_goes_over(line: str, target: str, value: str) -> None:
    facts = Facts()
    take_script(Source("slurm_local_submit_attributes.sh", f"#!/bin/sh\n{line}\nexit 0\n"), facts)
    assert facts.value(target) == value
    assert [note.status for note in facts.notes] == ["mapped"]


@pytest.mark.parametrize(
    "line",
    [
        'echo "#SBATCH --mem=$mem"', "echo `date`", 'echo "#SBATCH --output=x"', "echo -n '#SBATCH --nice=1'",
        "echo '#PBS -l x'", "module load x", "echo 'a' > /tmp/x", "echo '#SBATCH --nice=1' && false",
    ],
)  # fmt: skip
def test_what_a_script_does_otherwise_is_for_a_person(line: str) -> None:
    facts = Facts()
    take_script(Source("slurm_local_submit_attributes.sh", line), facts)
    assert [note.status for note in facts.notes] == ["person"]
    assert (facts.said, facts.extra) == ({}, [])


def test_commands_that_a_script_prints_run_before_the_pilot() -> None:
    facts = Facts()
    text = "echo 'module load apptainer'\necho \"ulimit -s unlimited\"\necho '#SBATCH --nice=1'\n"
    take_script(Source("slurm_local_submit_attributes.sh", text), facts)
    assert [said.value for said in facts.prologue] == ["module load apptainer", "ulimit -s unlimited"]
    assert [(note.status, note.message.partition(";")[0]) for note in facts.notes] == [
        ("mapped", "request.prologue"), ("mapped", "request.prologue"), ("mapped", "request.extra"),
    ]  # fmt: skip


def test_commands_that_are_too_many_are_for_a_person() -> None:
    facts = Facts()
    text = "".join(f"echo 'x{'y' * 4000}{number}'\n" for number in range(3))
    take_script(Source("slurm_local_submit_attributes.sh", text), facts)
    assert [note.status for note in facts.notes] == ["mapped", "mapped", "person"]
    assert len(facts.prologue) == 2


def test_what_is_for_a_person_names_the_page_with_examples() -> None:
    assert (Path(__file__).parents[3] / PAGE).is_file()
    facts = Facts()
    take_script(Source("slurm_local_submit_attributes.sh", "if [ x ]; then\necho '#PBS -l x'\nfi\n"), facts)
    assert all(PAGE in note.message for note in facts.notes)


def test_one_condition_makes_all_of_a_script_doubtful() -> None:
    facts = Facts()
    text = "if [ x ]; then\necho '#SBATCH --nice=1'\nfi\n"
    take_script(Source("slurm_local_submit_attributes.sh", text), facts)
    assert [note.status for note in facts.notes] == ["person"] * 3
    assert facts.extra == []


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(90, "1h 30m"), (60, "1h"), (1440, "24h"), (4320, "72h"), (5760, "96h"), (7200, "5d"), (34560, "24d")],
)
def test_durations_are_written_as_a_person_would(minutes: int, text: str) -> None:
    assert spell_minutes(minutes) == text


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("values.yaml", "Networking:\n", "helm"),
        ("values.yaml", '{"Networking": {}}', "helm"),
        ("values.yaml", "a: 1", "unknown"),
        ("my-values", "Topology:\n  Resource: X\n", "helm"),
        ("config.d/10.conf", "A = 1", "condor"),
        ("mapfiles.d/10.conf", "", "mapfile"),
        ("condor_mapfile", "", "mapfile"),
        ("m", "SCITOKENS /^x,/ y", "mapfile"),
        ("c", "# c\nJOB_ROUTER_ENTRIES @=e\n@e\n", "condor"),
        ("35-pilot.ini", "", "osg-configure"),
        ("pilots", "[Pilot x]\na = 1", "osg-configure"),
        ("x/pbs_local_submit_attributes.sh", "", "submit script"),
        ("x/blah.config", "", "blah"),
        ("README", "Hello there", "unknown"),
    ],
)
def test_kinds_of_files_are_told(name: str, text: str, kind: str) -> None:
    assert kind_of(Source(name, text)) == kind


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("Topology:\n  Resource: [x\n", 3, "not readable as YAML"),
        ("Topology: &a\n  Resource: x\n", 1, "anchors"),
        ("Topology:\n  Resource: x\n  Resource: y\n", 3, "given twice"),
        ("a: 1\n", 1, "none of the files that can be imported"),
        ("", 1, "none of the files that can be imported"),
        ("a:\n  Topology: 1\n", 1, "no values of the chart"),
        ("Topology:\n  Resource: x\0y\n", 2, "control character"),
    ],
)
def test_values_that_cannot_be_read_are_refused_at_their_line(text: str, line: int, why: str) -> None:
    with pytest.raises(SourceError) as caught:
        import_site([Source("values.yaml", text)], "d")
    assert why in caught.value.notes[0].message
    assert caught.value.notes[0].place == Place("values.yaml", line)


def test_blanks_say_nothing() -> None:
    text = 'Topology:\n  Resource: "\\r "\nRemoteCluster:\n  LoginHost: " "\n'
    found = import_site([Source("values.yaml", text)], "d")
    assert [note.what for note in found.notes if note.place.file] == []
    assert {"resource", "clusters: login"} <= {note.what for note in found.notes if note.status == "person"}


def test_a_file_that_is_something_else_is_told_of_and_does_not_stop_the_import() -> None:
    sources = [
        Source("a.conf", 'OSG_Resource = "X"\n'),
        Source("b.yaml", "a: ["),
        Source("c", "#" * (LONGEST + 1)),
    ]
    found = import_site(sources, "d")
    assert found.site["resource"] == "X"
    assert [note.place.file for note in found.notes if "was not read" in note.message] == ["b.yaml", "c"]


def test_a_private_key_is_left_out_to_its_last_line() -> None:
    begin, end = "-----BEGIN X PRIVATE KEY-----", "-----END X PRIVATE KEY-----"
    text = f"a\n{begin}\nk1\n{end} {begin}\nk2\n{end}\nb\n{begin}k3{end}\nc\n{begin}\nk4"
    notes = Notes()
    assert without_secrets("f", text, notes) == "a\n\n\n\n\n\nb\n\nc\n\n"
    assert [note.place.line for note in notes] == [2, 4, 8, 10]


def test_markdown_says_it_in_tables_with_nothing_of_markdown_in_them() -> None:
    notes = [Note(Place("a|b", 1), "person", "x`y", "*z*\n# no head")]
    text = markdown_report(notes, "T")
    assert "## Needs a person" in text
    assert r"| a\|b:1 | x\`y | \*z\* \# no head |" in text
    assert "Taken over" not in text
