"""A file to import from, and what kind of file it is, told by its name and its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Kind = Literal["helm", "osg-configure", "mapfile", "condor", "submit script", "blah", "unknown"]

CHART_KEYS = frozenset(
    {
        "Topology", "RemoteCluster", "Networking", "SciTokenRemoteUserMapping", "HTCondorCeConfig",
        "ExternalHTCondorCeConfig", "OsgConfigureConfig", "Persistence", "BoscoOverrides", "NodeSelection",
        "HostCredentials", "CentralCollector", "ContainerTags",
    }
)  # fmt: skip

_MAPPING = re.compile(r"\s*[A-Z]+\s+(?:/\S.*/[A-Za-z]*|\"[^\"]*\"|[^\s=\"/]+)\s+[^\s=]\S*\s*\Z")
_ASSIGNMENT = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_.]*\s*(?:=|@=)", re.ASCII)
_CHART_KEY = re.compile(rf"^[ {{]*\"?(?:{'|'.join(sorted(CHART_KEYS))})\"? *:", re.MULTILINE)
_SECTION = re.compile(r"\s*\[[^\[\]=;]+\]\s*\Z")


LONGEST = 1_048_576
"""Characters of a file that is looked at; real ones have some thousands."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its name as it is shown in places, and its text."""

    name: str
    text: str


def kind_of(source: Source) -> Kind:
    """What kind of file it is. Names that HTCondor-CE, osg-configure and bosco prescribe go first."""
    path = PurePosixPath(source.name)
    if len(source.text) > LONGEST:
        return "unknown"
    return _by_name(path) or _by_text(source.text, path)


def _by_name(path: PurePosixPath) -> Kind | None:
    if path.name.endswith("_local_submit_attributes.sh"):
        return "submit script"
    if path.name in ("blah.config", "user.config"):
        return "blah"
    if path.suffix == ".ini":
        return "osg-configure"
    return "mapfile" if path.name == "condor_mapfile" or path.parent.name == "mapfiles.d" else None


def _by_text(text: str, path: PurePosixPath) -> Kind:
    if _CHART_KEY.search(text) and path.suffix != ".conf":
        return "helm"
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith(("#", ";"))]
    first = lines[0] if lines else ""
    if path.suffix in (".yaml", ".yml"):
        return "unknown"
    if _SECTION.match(first):
        return "osg-configure"
    if _MAPPING.match(first):
        return "mapfile"
    condor = path.suffix == ".conf" or path.name == "condor_config" or _ASSIGNMENT.match(first)
    return "condor" if condor else "unknown"


def chart_root(data: object) -> tuple[str, ...] | None:
    """Where the chart's values are in a YAML document: at its top, or in a HelmRelease; None: nowhere."""
    if not isinstance(data, Mapping):
        return None
    if CHART_KEYS & data.keys():
        return ()
    spec = data.get("spec")
    values = spec.get("values") if isinstance(spec, Mapping) else None
    return ("spec", "values") if isinstance(values, Mapping) and CHART_KEYS & values.keys() else None
