"""What HTCondor-CE does to every pilot by default: transforms, limits and precedences, as configuration."""

from __future__ import annotations

from importlib.resources import files

FILE = "ce-defaults.conf"
_TEXT = files("hosted_ce.routing.htcondor").joinpath("shipped", FILE).read_text(encoding="utf-8")
"""As of when this was imported, like the language in which it is written."""


def ce_defaults() -> tuple[str, str]:
    """Name and text of the defaults. They are read before a site's own files."""
    return FILE, _TEXT
