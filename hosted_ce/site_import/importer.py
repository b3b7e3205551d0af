"""The import as a whole: texts in, a site file and notes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from hosted_ce.routing.htcondor.place import Place
from hosted_ce.site.render import render
from hosted_ce.site_import.compose import compose
from hosted_ce.site_import.condor import take_condor
from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.helm import take_values
from hosted_ce.site_import.mapfiles import take_mapfile
from hosted_ce.site_import.notes import Note, SourceError
from hosted_ce.site_import.osg_configure import take_osg_configure
from hosted_ce.site_import.routers import take_routers
from hosted_ce.site_import.scripts import take_blah, take_script
from hosted_ce.site_import.source import Kind, Source, kind_of

_UNKNOWN = "it is none of the files that can be imported, or larger than 1 MiB, and was not read"
_HEAD = (
    "yaml-language-server: $schema=site.schema.json",
    "",
    "Made by `hosted-ce site import` from {sources}.",
    "Look at what is marked CHANGE and at what needs a person; then check it: `hosted-ce site lint`.",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """A site file as data and as text, the files beside it, and what became of everything in the sources.

    `files` are names, from the site file's folder on, and texts. The text loads to the same data.
    """

    site: dict[str, object]
    text: str
    files: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]


def import_site(sources: Sequence[Source], folder: str) -> Imported:
    """Makes a site file of the sources. `folder` is where its other files go, seen from the site file.

    Raises SourceError where a source cannot be read at all; all else is among the notes.
    """
    facts = Facts(folder=folder)
    kinds: dict[Kind, list[Source]] = {}
    for source in sources:
        kinds.setdefault(kind_of(source), []).append(source)
    if not kinds.keys() - {"unknown"}:
        raise SourceError(*(Note(Place(each.name, 1), "person", "", _UNKNOWN) for each in sources))
    _take_all(kinds, facts)
    take_routers(facts)
    draft = compose(facts)
    head = [line.format(sources=_named(sources)) for line in _HEAD]
    files = [(f"{folder}/{name}", text) for name, text in facts.routers]
    if facts.known_hosts:
        files.append((f"{folder}/known_hosts", facts.known_hosts))
    return Imported(draft.site, render(draft.site, draft.remarks, head), tuple(files), tuple(facts.notes))


def _take_all(kinds: dict[Kind, list[Source]], facts: Facts) -> None:
    """The [Pilot] sections first, since others are seen in their light; mapfiles.d as @include has it."""
    single: tuple[tuple[Kind, Callable[[Source, Facts], None]], ...] = (
        ("osg-configure", take_osg_configure),
        ("helm", take_values),
        ("submit script", take_script),
        ("blah", take_blah),
    )
    for kind, take in single:
        for source in kinds.get(kind, ()):
            take(source, facts)
    mapfiles = sorted(kinds.get("mapfile", ()), key=lambda each: _base(each) == "condor_mapfile")
    for source in mapfiles:
        take_mapfile(source.name, source.text, facts, others=len(mapfiles) > 1)
    if condor := kinds.get("condor"):
        take_condor(condor, facts)
    for source in kinds.get("unknown", ()):
        facts.notes.person(Place(source.name, 1), "the file", _UNKNOWN)


def _base(source: Source) -> str:
    return PurePosixPath(source.name).name


def _named(sources: Sequence[Source]) -> str:
    names = [_base(source) for source in sources]
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} others"  # noqa: PLR2004
