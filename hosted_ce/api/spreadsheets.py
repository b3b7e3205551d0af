"""Tables that people open in spreadsheets."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How what a spreadsheet works out begins (OWASP: CSV injection)."""


def spreadsheet_safe(value: object) -> object:
    """The value of a cell: a text that would be a formula has an apostrophe before it.

    Names of entries and VOs come from factories, and whoever opens the table trusts this CE.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
