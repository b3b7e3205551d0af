"""Makes a site file from what a CE of today has: values of the Helm chart osg-hosted-ce, HTCondor-CE's
configuration and mapfiles, osg-configure's sections, and the scripts that bosco lays at a site.

Pure: texts in, an `Imported` out, with a note for everything that the sources say: where it went, why it is
not needed, or what a person has to do about it. Secrets are neither copied nor shown.
"""

from __future__ import annotations

from hosted_ce.site_import.importer import Imported, import_site
from hosted_ce.site_import.notes import Note, SourceError, Status
from hosted_ce.site_import.report import markdown_report, notes_json, report_lines
from hosted_ce.site_import.source import LONGEST, Kind, Source, kind_of

__all__ = [
    "LONGEST",
    "Imported",
    "Kind",
    "Note",
    "Source",
    "SourceError",
    "Status",
    "import_site",
    "kind_of",
    "markdown_report",
    "notes_json",
    "report_lines",
]
