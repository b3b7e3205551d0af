"""`hosted-ce support-bundle`: what is in it, what is missing and why, and when it is deleted."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.support import bundle as bundles
from hosted_ce.cli.support.bundle import Bundle, collected, secrets_in, write
from hosted_ce.cli.support.files import site_file
from hosted_ce.redaction import MASK, Redactor
from tests.fakes.secrets import JWT, TEXTS, shown

from .ce import Ce, found
from .conftest import Run

AT = "2026-03-01T12:30:00+00:00"


def refuse() -> Any:
    raise OSError(13, f"Permission denied: {JWT}")


def test_a_part_that_cannot_be_had_does_not_keep_the_others() -> None:
    made = collected(
        {"a.json": lambda: {"token": "x", "n": 1}, "b.txt": lambda: JWT, "c.txt": refuse}, Redactor()
    )
    assert json.loads(made.parts["a.json"]) == {"token": MASK, "n": 1}
    assert made.parts["b.txt"] == MASK
    assert made.missing == {"c.txt": f"[Errno 13] Permission denied: {MASK}"}
    manifest = made.manifest(AT)
    assert [(part["name"], part["masked"]) for part in manifest["parts"]] == [("a.json", 1), ("b.txt", 1)]
    assert manifest["missing"] == made.missing
    assert any("input files" in text for text in manifest["left_out"])


@pytest.mark.parametrize("name", TEXTS)
def test_whatever_gets_in_by_mistake_deletes_the_bundle(tmp_path: Path, name: str) -> None:
    bad = Bundle({"x.txt": f"a {TEXTS[name]} b"}, {})
    with pytest.raises(CliError, match=r"about to get into hosted-ce-support/x\.txt"):
        write(bad, tmp_path / "b.tar.gz", bad.manifest(AT), Redactor())
    assert list(tmp_path.iterdir()) == []


def test_a_secret_without_a_form_is_found_when_it_is_known(tmp_path: Path) -> None:
    good = Bundle({"x.txt": "opaque-secret"}, {})
    write(good, tmp_path / "b.tar.gz", good.manifest(AT), Redactor())
    assert secrets_in(tmp_path / "b.tar.gz", Redactor(["opaque-secret"])) == ["hosted-ce-support/x.txt"]


def test_what_is_cut_off_by_a_full_disk_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundles, "_add", full)
    with pytest.raises(CliError, match="cannot be written: No space left"):
        write(Bundle({}, {}), tmp_path / "b.tar.gz", Bundle({}, {}).manifest(AT), Redactor())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_text("mine")
    with pytest.raises(CliError, match="is there already"):
        write(Bundle({}, {}), tmp_path / "b.tar.gz", Bundle({}, {}).manifest(AT), Redactor())
    assert (tmp_path / "b.tar.gz").read_text() == "mine"


def test_a_site_file_is_packed_without_comments_and_environments(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "# planted\nclusters: {main: {environment: {OPAQUE: planted}}}\n"
        "routes: [{name: a, request: {prologue: planted, cpus: 1}}]\n"
    )
    assert yaml.safe_load(site_file(path)) == {
        "clusters": {"main": {"environment": {"OPAQUE": "[left out]"}}},
        "routes": [{"name": "a", "request": {"prologue": "[left out]", "cpus": 1}}],
    }
    assert not shown(site_file(path))
    for wrong in (
        "environment: [planted]",
        "Environment: {A: planted}",
        "environment: A=planted",
        "Prologue: planted",
    ):
        path.write_text(f"clusters: {{main: {{{wrong}}}}}\n")
        assert "[left out]" in site_file(path)
        assert not shown(site_file(path))
    path.write_text("site: [planted")
    with pytest.raises(LookupError, match="is no YAML"):
        site_file(path)


def test_a_running_ce_is_asked_and_what_is_not_there_is_told(run: Run, ce: Ce, folder: Path) -> None:
    ce.answers["GET", "/api/v1/site"] = found({"name": "X", "file": None, "clusters": [], "said": JWT})
    ce.answers["GET", "/readyz"] = (503, b'{"ok": false}', "application/json")
    ce.answers["GET", "/metrics"] = (200, b"hosted_ce_up 1\n", "text/plain")
    ce.add(state="held", attributes={"x": "planted"}, reason="no")
    result = run("support-bundle", "-o", "b.tar.gz", "--json")
    assert result.exit_code == 0, result.stderr
    manifest = json.loads(result.stdout)
    names = {part["name"] for part in manifest["parts"]}
    assert {"versions.json", "environment.json", "api/site.json", "api/readyz.json", "metrics.txt"} <= names
    assert manifest["missing"]["log.jsonl"].startswith("there is no log at ")
    assert manifest["missing"]["process.json"].endswith("the CE does not run")
    assert "no site file is named" in manifest["missing"]["site.yaml"]
    with tarfile.open(folder / "b.tar.gz") as archive:
        texts = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        for name, file in texts.items():
            assert file
            assert not shown(file.read().decode()), name
    told = run("support-bundle", "-o", "c.tar.gz")
    assert "without log.jsonl: there is no log" in told.stderr
    assert told.stdout.startswith("c.tar.gz: ")


def test_without_a_ce_the_rest_is_packed(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "state").mkdir()
    monkeypatch.setenv("HOSTED_CE_DATABASE_URL", f"sqlite:///{folder}/none.sqlite")
    result = run("support-bundle", "--json")
    assert result.exit_code == 0, result.stderr
    missing = json.loads(result.stdout)["missing"]
    assert "no CE is running" in missing["api/site.json"]
    assert "there is no database" in missing["events.json"]
    assert not (folder / "none.sqlite").exists()
    assert list(folder.glob("hosted-ce-support-*.tar.gz"))


def test_the_password_of_the_database_is_not_shown(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "state").mkdir()
    monkeypatch.setenv("HOSTED_CE_DATABASE_URL", "postgresql+psycopg://ce:plantedpw@127.0.0.1:1/ce")
    assert run("support-bundle", "-o", "b.tar.gz").exit_code == 0
    with tarfile.open(folder / "b.tar.gz") as archive:
        settings = archive.extractfile(f"{bundles.FOLDER}/settings.json")
        assert settings
        assert f"://ce:{MASK}@127.0.0.1" in settings.read().decode()
    assert secrets_in(folder / "b.tar.gz", Redactor(["plantedpw"])) == []


@pytest.mark.parametrize("url", ["plantedfoo", "postgresql://ce:plantedpw@host:port/ce"])
def test_a_url_that_cannot_be_read_does_not_keep_the_rest(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    (folder / "state").mkdir()
    monkeypatch.setenv("HOSTED_CE_DATABASE_URL", url)
    result = run("support-bundle", "-o", "b.tar.gz")
    assert result.exit_code == 0, result.stderr
    with tarfile.open(folder / "b.tar.gz") as archive:
        settings = archive.extractfile(f"{bundles.FOLDER}/settings.json")
        assert settings
        assert '"database_url": "[not the URL of a database]"' in settings.read().decode()
    assert secrets_in(folder / "b.tar.gz", Redactor(["planted"])) == []
