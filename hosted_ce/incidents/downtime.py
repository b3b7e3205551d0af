"""A draft of the entry for OSG's Topology that announces an outage. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml

from hosted_ce.incidents.cause import ABOUT
from hosted_ce.incidents.incident import Incident

AT_LEAST_S = 86400.0
"""How far ahead the end of an outage that lasts is put, to be moved by hand."""
LINE = "# ---------------------------------------------------------"


def draft(incident: Incident, resource: str, resource_group: str | None, now: float) -> str:
    """YAML for the end of the resource group's downtime file; what is to be filled in comes as comments."""
    about = ABOUT[incident.cause]
    end = incident.ended_at if incident.ended_at is not None else now + AT_LEAST_S
    entry: dict[str, Any] = {
        "Class": "UNSCHEDULED",
        "Description": f"{about.title}: {' '.join(incident.said.split())}",
        "Severity": about.severity.value,
        "StartTime": _time(incident.began_at),
        "EndTime": _time(end),
        "CreatedTime": _time(now),
        "ResourceName": resource,
        "Services": ["CE"],
    }
    text = yaml.safe_dump([entry], sort_keys=False, width=10_000, allow_unicode=True)
    notes = [f"# For topology/<FACILITY>/<SITE>/{resource_group or '<RESOURCE_GROUP>'}_downtime.yaml"]
    notes.append("# Add the line `  ID: N` that bin/next_downtime_id of the topology repository gives.")
    if incident.ended_at is None:
        notes.append("# It lasts: EndTime is a day from now. Set what the site says.")
    return "\n".join([*notes, text.rstrip(), LINE]) + "\n"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%b %d, %Y %H:%M +0000")
