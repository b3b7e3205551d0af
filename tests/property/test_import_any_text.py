"""The import with any text at all: a site file and notes, or an error with its place; no secret, no hang."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.routing.htcondor.read import read_config
from hosted_ce.site.positions import parse_yaml
from hosted_ce.site_import import (
    Imported,
    Source,
    SourceError,
    import_site,
    markdown_report,
    notes_json,
    report_lines,
)
from hosted_ce.site_import.source import CHART_KEYS

NAMES = st.sampled_from(
    [
        "values.yaml", "config.d/10-x.conf", "condor_mapfile", "mapfiles.d/a.conf", "config.d/35-pilot.ini",
        "glite/etc/slurm_local_submit_attributes.sh", "glite/etc/blah.config", "README",
    ]
)  # fmt: skip
NO_HALVES = st.characters(exclude_categories=["Cs"])
SECRETS = [
    "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2secret\n-----END",
    "ghp_hunter2secret0123456789abcdefghij",
    "eyJhunter2secret.eyJhunter2secretx.sig",
    "https://user:hunter2secret@git.example.org/x",
]
_WORDS = [
    "SCITOKENS", "SSL", "/^https:\\/\\/x,/", "/^x,y$/", "osg01", "a@banned.htcondor.org", "@include x",
    "[Pilot a]",
    "[Pilot ]", "[Site Information]", "[Storage]", "[Squid]", "[Subcluster x]", "[SLURM]", "[", "]",
    "max_pilots = 10",
    "cpucount = 8", "ram_mb = 2000", "gpucount = 1", "whole_node = True", "queue = q", "enabled = True",
    "location = h:1", "grid_dir = /cvmfs/x", "worker_node_temp = /tmp", "resource = X",
    "echo '#SBATCH --nice=1'",
    'echo "#SBATCH -A x"', "#!/bin/sh", "if", "fi", "slurm_binpath=/x", "JOB_ROUTER_ROUTE_NAMES = A\n",
    "JOB_ROUTER_ROUTE_A @=x\n", "UNIVERSE grid\n", "GridResource = batch slurm a@h\n", "\n@x\n",
    "JOB_ROUTER_ENTRIES @=e\n[ name = \"a\"; GridResource = \"batch pbs\"; ]\n@e\n", "a = $(b)\n",
    "b = $(a)\n",
    "GridResource = $(a)\n", "CONDORCE_MAX_JOBS = 5", "ROUTED_JOB_MAX_TIME = 60", "OSG_Resource = \"X\"",
    "$(", ")",
    "NETWORK_HOSTNAME = h", "=", "+=", ":", "- ", "\n", "\n", "\n  ", " ", "\t", "'", '"', "#", "%", "é",
    "\0", "\r",
    *SECRETS,
]  # fmt: skip
WORDS = st.sampled_from(_WORDS)
TEXTS = (
    st.lists(WORDS | st.text(NO_HALVES, max_size=3), max_size=30).map("".join)
    | st.lists(st.lists(WORDS, max_size=4).map(" ".join), max_size=12).map("\n".join)
    | st.text(max_size=80)
)

_LEAVES = (
    st.sampled_from(
        ["x", "X-1", "h.example.edu", "h:22", "True", "slurm", "condor", "/tmp", "$TMPDIR", *SECRETS]
    )
    | TEXTS
    | st.text(max_size=8)
    | st.booleans()
    | st.none()
    | st.integers(-5, 10**9)
)
_ANY = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(NO_HALVES, max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
_INNER_KEYS = st.sampled_from(
    [
        "Resource", "ResourceGroup", "ContactEmail", "Production", "LoginHost", "ProxyJump", "KnownHosts",
        "PrivateKeySecret", "Batch", "MemoryPerNode", "CoresPerNode", "MaxWallTime", "GridDir",
        "WorkerNodeTemp",
        "Squid", "SSHBatchMode", "LoginShell", "Hostname", "RequestIP", "Enabled", "GitEndpoint",
        "IDTokenSecret",
        "CreateCertificate", "Other",
    ]
)  # fmt: skip
_KEYS = st.sampled_from(sorted(CHART_KEYS | {"Developer", "Debug", "Instance", "Unknown"}))
CHARTS = st.dictionaries(_KEYS, st.dictionaries(_INNER_KEYS, _ANY, max_size=5) | _ANY, min_size=1, max_size=6)
MAPPINGS = st.lists(
    st.dictionaries(
        st.sampled_from(["https://a,b", "https://a", "https://a,c", "x", ".*", "https://b/,"])
        | st.text(max_size=4),
        st.sampled_from(["osg01", "osg02", "root", "z@banned.htcondor.org"]) | _LEAVES,
        max_size=2,
    ),
    max_size=5,
)


def check(sources: list[Source]) -> Imported | None:
    """Imports; all that an import promises must hold."""
    try:
        found = import_site(sources, "d")
    except SourceError as error:
        refusals = error.notes
    else:
        return check_import(found, sources)
    assert refusals
    for note in refusals:
        within(note.place.file, note.place.line, sources)
    return None


def check_import(found: Imported, sources: list[Source]) -> Imported:
    assert parse_yaml(found.text).data == found.site
    texts = dict(found.files)
    for note in found.notes:
        assert note.message
        if note.place.file and note.place.file not in texts:
            within(note.place.file, note.place.line, sources)
    shown = found.text + json.dumps(notes_json(found.notes)) + markdown_report(found.notes, "x")
    shown += "\n".join(report_lines(found.notes)) + "".join(texts.values())
    assert "hunter2secret" not in shown
    return found


def within(file: str, line: int, sources: list[Source]) -> None:
    if file.startswith("values.yaml:"):
        return  # a text in quotes in it, whose lines are counted by themselves
    [text] = [source.text for source in sources if source.name == file]
    assert 1 <= line <= text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + 2


@given(st.lists(st.tuples(NAMES, TEXTS), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_any_texts_give_a_site_file_or_an_error_with_its_place(files: list[tuple[str, str]]) -> None:
    check([Source(name, text) for name, text in files])


@given(CHARTS, MAPPINGS | st.none(), TEXTS, TEXTS)
def test_any_values_of_a_chart_are_imported_and_each_of_them_is_told_of(
    chart: dict[str, object], mapping: object, config: str, pilots: str
) -> None:
    values = chart | {"HTCondorCeConfig": config, "OsgConfigureConfig": pilots}
    if mapping is not None:
        values["SciTokenRemoteUserMapping"] = mapping
    text = json.dumps(values, indent=1, ensure_ascii=True).replace("\\ud", "\\u0")
    found = check([Source("values.yaml", text)])
    if found is None:
        return
    told = {note.place.line for note in found.notes if note.place.file == "values.yaml"}
    document = parse_yaml(text)
    for loc, value in leaves(document.data):
        if value is None or not str(value).strip() or loc[0] in ("HTCondorCeConfig", "OsgConfigureConfig"):
            continue
        lines = {document.place_of_key(loc[:length]).line for length in range(len(loc), 0, -1)}
        assert lines & told, (loc, value)


def leaves(value: object, loc: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], object]]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        return [(loc, value)]
    return [each for step, below in inner for each in leaves(below, (*loc, step))]


@given(TEXTS)
def test_every_setting_of_htcondor_is_kept_or_told_of(text: str) -> None:
    found = check([Source("x.conf", text)])
    assert found is not None
    kept = read_config(found.files).macros
    told = {note.place.line for note in found.notes if note.place.file == "x.conf"}
    for definition in read_config([("x.conf", text)]).macros.values():
        assert definition.name.lower() in kept or definition.place.line in told or told == {1}, definition


@pytest.mark.parametrize("name", ["values.yaml", "x.conf", "condor_mapfile", "x.ini", "blah.config"])
@pytest.mark.parametrize("unit", ["[", "a = $(a)\n", "x: &a [*a, *a]\n", "- ", "{", "[Pilot x]\n", "'"])
def test_large_texts_of_one_thing_end(name: str, unit: str) -> None:
    check([Source(name, unit * (60_000 // len(unit)))])


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("condor_mapfile", "SCITOKENS /^https:\\/\\/i{0},s$/ osg01\n"),
        ("condor_mapfile", "SCITOKENS /^https:\\/\\/i,s{0}$/ a{0}@banned.htcondor.org\n"),
        ("x.ini", "[Pilot p{0}]\nmax_pilots = 1\nqueue = q{0}\n"),
        ("x.ini", "[Pilot p!{0}]\n"),
        ("x.conf", "a{0} = $(a{0})$(b)\n"),
        ("x_local_submit_attributes.sh", "echo '#SBATCH --nice={0}'\n"),
    ],
)
def test_large_texts_of_many_things_end(name: str, unit: str) -> None:
    check([Source(name, "".join(unit.format(number) for number in range(3_000)))])


def test_what_is_larger_than_any_configuration_is_refused() -> None:
    with pytest.raises(SourceError, match="larger than 1 MiB"):
        import_site([Source("x.conf", "a" * 1_048_577)], "d")
