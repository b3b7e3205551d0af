"""Writes the table of docs/developers/planted-faults.md anew: python -m tests.e2e.planted.table, as root."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.lab.site import running_lab
from tests.e2e.planted.bench import OPTIONS, Planted
from tests.e2e.planted.faults import FAULTS

PAGE = Path(__file__).parents[3] / "docs" / "developers" / "planted-faults.md"
HEAD = "| planted | found by | verdict | what was seen |\n|---|---|---|---|\n"
SHOWN = 240


def rows(planted: Planted) -> Iterator[str]:
    """One for each fault."""
    for fault in FAULTS:
        planted.cluster.clear()
        planted.request.clear()
        with fault.plant(planted):
            found = next(
                each for each in planted.report() if each.check == fault.check and each.verdict.badness
            )
        seen = " ".join(found.seen.replace(str(planted.folder), "…").split())[:SHOWN].replace("|", "\\|")
        seen = seen.replace(str(planted.lab.folder), "…").replace("`", "")
        yield f"| {fault.what} | {fault.check} | {found.verdict} | `{seen}` |"


def main() -> None:
    """Plants all of them."""
    with running_lab(OPTIONS) as lab, tempfile.TemporaryDirectory() as folder:
        planted = Planted(lab, Path(folder))
        planted.prepare()
        table = HEAD + "\n".join(rows(planted)) + "\n"
    before, _, rest = PAGE.read_text().partition(HEAD)
    behind = rest.partition("\n\n")[2]
    PAGE.write_text(f"{before}{table}" + (f"\n{behind}" if behind else ""))


if __name__ == "__main__":
    main()
