"""Inputs as sites have them, and what is made of them. `python -m tests.unit.test_site_import.golden` writes
the expected outputs anew; look at the difference before you commit it.
"""

from __future__ import annotations

from pathlib import Path

from hosted_ce.site_import import Imported, Source, import_site, report_lines

FOLDER = Path(__file__).parent
CASES = sorted([*(FOLDER / "cases" / "helm").iterdir(), *(FOLDER / "cases" / "condor").iterdir()])
EXPECTED = FOLDER / "expected"


def sources_of(case: Path) -> list[Source]:
    """The case's files, with names from its folder on."""
    if case.is_file():
        return [Source("values.yaml", case.read_text())]
    files = sorted(path for path in case.rglob("*") if path.is_file())
    return [Source(str(path.relative_to(case)), path.read_text()) for path in files]


def imported(case: Path) -> Imported:
    """The import of a case."""
    return import_site(sources_of(case), "my-site.d")


def outputs(case: Path) -> dict[Path, str]:
    """The expected files of a case, and what they should have in them."""
    found = imported(case)
    folder = EXPECTED / case.stem
    files = {folder / "my-site.yaml": found.text} | {folder / name: text for name, text in found.files}
    return files | {folder / "report.txt": "".join(f"{line}\n" for line in report_lines(found.notes))}


def main() -> None:
    """Writes all expected outputs."""
    for case in CASES:
        for path, text in outputs(case).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


if __name__ == "__main__":
    main()
