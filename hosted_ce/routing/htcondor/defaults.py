"""What HTCondor-CE does to every pilot by default: transforms, limits and precedences, as configuration."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

FILE = "ce-defaults.conf"


@cache
def ce_defaults() -> tuple[str, str]:
    """Name and text of the defaults. They are read before a site's own files."""
    return FILE, files("hosted_ce.routing.htcondor").joinpath("shipped", FILE).read_text(encoding="utf-8")
