"""The generated reference is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce import reference

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", reference.PAGES)
def test_page_is_current(name: str) -> None:
    assert (ROOT / reference.FOLDER / name).read_text() == reference.PAGES[name](), "run `make reference`"


def test_check_names_what_is_outdated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    (tmp_path / reference.FOLDER / "metrics.md").write_text("old")
    assert reference.main(["--check"]) == 1
    assert "metrics.md" in capsys.readouterr().err
