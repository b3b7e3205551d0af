"""`hosted-ce site import`: a site file from what a CE of today has."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.site.import_sources import read_sources
from hosted_ce.cli.whole_files import write_whole
from hosted_ce.cli.words import spelled

if TYPE_CHECKING:
    from hosted_ce.site_import import Imported, Note, Source


def import_(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...",
            help="Files and folders: values.yaml of the Helm chart osg-hosted-ce, HTCondor-CE's config.d and "
            "mapfiles.d, osg-configure's config.d, a bosco_override folder.",
        ),
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The site file to write.")],
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the report as Markdown, too.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; print the site file.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Make a site file from what a Hosted CE of today has, and tell what needs a person.

    Everything that the sources say is taken over, or named with its line and the reason why not. Secrets are
    neither copied nor shown. Files beside the site file go to a folder named like it, with .d at its end.
    """
    folder = output.with_suffix(".d").name
    imported = _import(read_sources(sources), folder)
    files = {output: imported.text} | {output.parent / name: text for name, text in imported.files}
    notes = _notes(imported, output)
    if report is not None:
        from hosted_ce.site_import import markdown_report

        files[report] = markdown_report(notes, f"Import into {output.name}")
    if not dry_run:
        write_whole(files, force=force)
    if json:
        _print_json(imported, notes, files, written=not dry_run)
    else:
        _print_text(imported, notes, files, dry_run=dry_run)


def _import(sources: Sequence[Source], folder: str) -> Imported:
    from hosted_ce.site_import import SourceError, import_site

    try:
        return import_site(sources, folder)
    except SourceError as error:
        lines = [f"{each.place}: {each.message}" for each in error.notes]
        raise Misuse("a source cannot be read, and nothing was written", *lines) from error


def _notes(imported: Imported, output: Path) -> list[Note]:
    """All notes, with those of lint; places in the written files as seen from here."""
    written = {name: str(output.parent / name) for name, _ in imported.files}
    notes = [
        replace(note, place=replace(note.place, file=written.get(note.place.file, note.place.file)))
        for note in imported.notes
    ]
    told = {(note.place, note.what) for note in notes}
    return [*notes, *(note for note in _lint(imported, output) if (note.place, note.what) not in told)]


def _lint(imported: Imported, output: Path) -> Iterator[Note]:
    """What `hosted-ce site lint` will say about the files; each is for a person."""
    from hosted_ce.cli.site.problems import linted
    from hosted_ce.routing.htcondor.place import Place
    from hosted_ce.site_import import Note

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / output.name
        beside = {path.parent / name: text for name, text in imported.files}
        write_whole({path: imported.text} | beside, force=True)
        found = linted(path)

    def here(text: str) -> str:
        return text.replace(folder, str(output.parent))

    for problem in found.problems:
        hint = f"; {problem.hint}" if problem.hint else ""
        message = here(f"{problem.severity}: {problem.message}{hint}")
        yield Note(Place(str(output), problem.line or 1), "person", f"lint: {problem.path}", message)
    for finding in found.findings:
        place = replace(finding.place, file=here(finding.place.file))
        yield Note(place, "person", f"route lint: {finding.code}", here(finding.message))


def _print_json(imported: Imported, notes: Sequence[Note], files: dict[Path, str], *, written: bool) -> None:
    from hosted_ce.site_import import notes_json

    print_json(
        {
            "written": written,
            "files": [str(path) for path in files],
            "site": imported.site,
            "text": imported.text,
            "notes": notes_json(notes),
        }
    )


def _print_text(imported: Imported, notes: Sequence[Note], files: dict[Path, str], *, dry_run: bool) -> None:
    from hosted_ce.site_import import report_lines

    if dry_run:
        typer.echo(imported.text, nl=False)
    for line in report_lines(notes):
        (note if dry_run else typer.echo)(spelled(line))
    for path in files if not dry_run else ():
        note(f"wrote {path}")
