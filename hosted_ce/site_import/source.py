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
_CHART_KEY = re.compile(rf"^(?:{'|'.join(sorted(CHART_KEYS))}):", re.MULTILINE)
_SECTION = re.compile(r"\s*\[[^\[\]=;]+\]\s*\Z")


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its name as it is shown in places, and its text."""

    name: str
    text: str


def kind_of(source: Source) -> Kind:
    """What kind of file it is. Names that HTCondor-CE, osg-configure and bosco prescribe go first."""
    path = PurePosixPath(source.name)
    if path.name.endswith("_local_submit_attributes.sh"):
        return "submit script"
    if path.name in ("blah.config", "user.config"):
        return "blah"
    if path.suffix == ".ini":
        return "osg-configure"
    if path.suffix in (".yaml", ".yml"):
        return "helm"
    if path.name == "condor_mapfile" or path.parent.name == "mapfiles.d":
        return "mapfile"
    return _by_text(source.text, path)


def _by_text(text: str, path: PurePosixPath) -> Kind:
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith(("#", ";"))]
    if _CHART_KEY.search(text):
        return "helm"
    if lines and _SECTION.match(lines[0]):
        return "osg-configure"
    if lines and _MAPPING.match(lines[0]):
        return "mapfile"
    if path.suffix == ".conf" or path.name == "condor_config" or (lines and _ASSIGNMENT.match(lines[0])):
        return "condor"
    return "unknown"


def chart_root(data: object) -> tuple[str, ...] | None:
    """Where the chart's values are in a YAML document: at its top, or in a HelmRelease; None: nowhere."""
    if not isinstance(data, Mapping):
        return None
    if CHART_KEYS & data.keys():
        return ()
    spec = data.get("spec")
    values = spec.get("values") if isinstance(spec, Mapping) else None
    return ("spec", "values") if isinstance(values, Mapping) and CHART_KEYS & values.keys() else None
