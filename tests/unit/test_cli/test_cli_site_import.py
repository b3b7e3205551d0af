"""`hosted-ce site import`: what it writes, what it says, and what it leaves alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from hosted_ce.cli import whole_files
from hosted_ce.cli.errors import CliError, Misuse
from hosted_ce.cli.whole_files import write_whole
from hosted_ce.site.positions import parse_yaml

from .conftest import Run

VALUES = """\
Topology:
  Resource: Tundra-CE1
  ResourceGroup: Tundra-College
RemoteCluster:
  LoginHost: login.tundra.example.edu
  ProxyJump: gate.tundra.example.edu
HTCondorCeConfig: |
  JOB_ROUTER_ROUTE_Hosted_CE_default_route @=jrt
    UNIVERSE grid
    GridResource = batch slurm
    default_queue = osg
  @jrt
Instance: tundra
"""
OUTPUT = "routes/my-site.yaml"


@pytest.fixture
def values(folder: Path) -> Path:
    """Values of the chart, with routes of their own."""
    file = folder / "values.yaml"
    file.write_text(VALUES)
    return file


def test_site_file_and_its_routes_are_written_for_all_to_read(run: Run, values: Path, folder: Path) -> None:
    result = run("site", "import", values, "-o", OUTPUT)
    assert result.exit_code == 0
    written = sorted(path for path in folder.rglob("*") if path.is_file() and path != values)
    names = ["routes/my-site.d/10-hosted-ce.conf", "routes/my-site.d/90-instance.conf", OUTPUT]
    assert [str(path.relative_to(folder)) for path in written] == names
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o644}
    site = parse_yaml((folder / OUTPUT).read_text()).data
    assert isinstance(site, dict)
    assert site["routes"][0]["htcondor"]["files"] == [
        "my-site.d/10-hosted-ce.conf",
        "my-site.d/90-instance.conf",
    ]


def test_what_needs_a_person_is_said_first_and_with_its_line(run: Run, values: Path) -> None:
    lines = run("site", "import", values, "-o", OUTPUT).stdout.splitlines()
    assert lines[0] == "Needs a person:"
    jump = f"  {values}:6: RemoteCluster.ProxyJump = gate.tundra.example.edu: "
    assert any(line.startswith(jump) for line in lines[: lines.index("Taken over:")])
    assert lines[-1].endswith("for a person to look at")


def test_what_lint_finds_is_among_what_needs_a_person(run: Run, values: Path) -> None:
    notes = json.loads(run("site", "import", values, "-o", OUTPUT, "--json").stdout)["notes"]
    told = {(note["line"], note["what"].removeprefix("lint: ")) for note in notes if note["file"] == OUTPUT}
    problems = json.loads(run("site", "lint", "--json", OUTPUT).stdout)
    assert {(problem["line"], problem["path"]) for problem in problems} == told
    assert len(told) > 2
    assert {note["status"] for note in notes if note["file"] == OUTPUT} == {"person"}


def test_json_has_the_site_its_text_and_all_notes(run: Run, values: Path, folder: Path) -> None:
    found = json.loads(run("site", "import", values, "-o", OUTPUT, "--json").stdout)
    assert found["written"] is True
    assert found["text"] == (folder / OUTPUT).read_text()
    assert found["site"] == parse_yaml(found["text"]).data
    assert found["files"][0] == OUTPUT
    assert {note["status"] for note in found["notes"]} == {"person", "mapped", "not needed"}


def test_dry_run_writes_nothing_and_prints_the_site_file(run: Run, values: Path, folder: Path) -> None:
    result = run("site", "import", values, "-o", OUTPUT, "--dry-run", "--report", "report.md")
    assert result.exit_code == 0
    assert list(folder.iterdir()) == [values]
    run("site", "import", values, "-o", OUTPUT)
    assert result.stdout == (folder / OUTPUT).read_text()
    assert "Needs a person:" in result.stderr


def test_report_is_written_as_markdown(run: Run, values: Path, folder: Path) -> None:
    run("site", "import", values, "-o", OUTPUT, "--report", "report.md")
    text = (folder / "report.md").read_text()
    assert text.startswith("# Import into my-site.yaml\n")
    assert "| Topology.ResourceGroup | resource\\_group |" in text


@pytest.mark.parametrize("there", [OUTPUT, "routes/my-site.d/90-instance.conf", "report.md"])
def test_no_file_is_written_over_another(run: Run, values: Path, folder: Path, there: str) -> None:
    path = folder / there
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    result = run("site", "import", values, "-o", OUTPUT, "--report", "report.md")
    assert result.exit_code == 2
    assert f"{there} is there already" in result.stderr
    assert sorted(each for each in folder.rglob("*") if each.is_file()) == sorted([path, values])
    assert path.read_text() == "mine"
    assert run("site", "import", values, "-o", OUTPUT, "--report", "report.md", "--force").exit_code == 0
    assert path.read_text() != "mine"


def test_a_folder_is_read_with_all_that_is_known_in_it(run: Run, folder: Path) -> None:
    config = folder / "condor-ce"
    for name in ("config.d", "mapfiles.d", "tokens.d"):
        (config / name).mkdir(parents=True)
    (config / "config.d" / "10.conf").write_text('OSG_Resource = "X-CE1"\n')
    (config / "config.d" / "10.conf~").write_text('OSG_Resource = "old"\n')
    (config / "mapfiles.d" / "a").write_text("SCITOKENS /^https:\\/\\/x.example.org,/ osg01\n")
    (config / "tokens.d" / "t").write_text("eyJ")
    found = json.loads(run("site", "import", config, "-o", OUTPUT, "--json").stdout)
    assert found["site"]["resource"] == "X-CE1"
    assert found["site"]["issuers"] == [{"issuer": "https://x.example.org", "account": "osg01"}]
    assert not [
        note for note in found["notes"] if "tokens.d" in (note["file"] or "") or "~" in (note["file"] or "")
    ]


def test_values_that_are_no_yaml_are_refused_at_their_line(run: Run, values: Path, folder: Path) -> None:
    values.write_text("Topology:\n  Resource: 'x\n")
    result = run("site", "import", values, "-o", OUTPUT)
    assert result.exit_code == 2
    assert f"{values}:3: not readable as YAML" in result.stderr
    assert list(folder.iterdir()) == [values]


@pytest.mark.parametrize("name", ["absent.yaml", "empty"])
def test_sources_that_are_not_there_are_refused(run: Run, folder: Path, name: str) -> None:
    (folder / "empty").mkdir()
    result = run("site", "import", name, "-o", OUTPUT)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")


def test_bytes_of_a_configuration_are_kept(run: Run, folder: Path) -> None:
    text = b"# caf\xe9\nJOB_ROUTER_ROUTE_NAMES = A\nJOB_ROUTER_ROUTE_A @=x\n GridResource = batch slurm\n@x\n"
    (folder / "10.conf").write_bytes(text)
    assert run("site", "import", "10.conf", "-o", OUTPUT).exit_code == 0
    assert (folder / "routes" / "my-site.d" / "10.conf").read_bytes() == text


def test_when_one_file_cannot_be_written_none_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = whole_files._write_beside  # the second fails as on a full disk

    def fail(path: Path, text: str) -> Path:
        if path.name == "b":
            raise OSError(28, "No space left on device", str(path))
        return real(path, text)

    monkeypatch.setattr(whole_files, "_write_beside", fail)
    with pytest.raises(CliError, match="No space left"):
        write_whole({folder / "a": "1", folder / "b": "2"}, force=False)
    assert list(folder.iterdir()) == []


def test_a_file_that_came_in_the_meantime_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = whole_files._write_beside

    def come(path: Path, text: str) -> Path:
        if path.name == "b":
            path.write_text("mine")
        return real(path, text)

    monkeypatch.setattr(whole_files, "_write_beside", come)
    with pytest.raises(Misuse, match="b is there already"):
        write_whole({folder / "a": "1", folder / "b": "2"}, force=False)
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("b", "mine")]
