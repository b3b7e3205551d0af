"""From a path to a checked `SiteFile`, or to every reason why there is none."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from hosted_ce.site.errors import Problem, SiteFileError, in_file_order, name_value
from hosted_ce.site.explain import explain
from hosted_ce.site.model import SiteFile
from hosted_ce.site.positions import Document, parse_yaml
from hosted_ce.site.syntax import explain_syntax, locate

LARGEST_FILE = 1_048_576
"""Bytes; a real site file has a few thousand."""

_START = "copy routes/example.yaml and change it"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a file: `site` is None when there are problems; `document` knows the places."""

    site: SiteFile | None
    document: Document
    problems: tuple[Problem, ...] = ()


def load_site(path: Path) -> SiteFile:
    """The site file at `path`. Raises SiteFileError with all problems at once, or why it cannot be read."""
    reading = read_site(path)
    if reading.site is None:
        raise SiteFileError(path, reading.problems)
    return reading.site


def read_site(path: Path) -> Reading:
    """Like `load_site`, but returns the problems, and the places that later findings need."""
    text = read_text(path)
    if isinstance(text, Problem):
        return Reading(None, Document(), (text,))
    return read_site_text(text)


def read_site_text(text: str) -> Reading:
    """What a site file with this text says."""
    try:
        document = parse_yaml(text)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        return Reading(None, Document(), tuple(explain_syntax(error, text)))
    return _check(document)


def _check(document: Document) -> Reading:
    if not isinstance(document.data, dict):
        return Reading(None, document, (_not_a_site(document),))
    problems = list(document.problems)
    site = None
    try:
        site = SiteFile.model_validate(document.data)
    except ValidationError as error:
        problems += explain(error, document)
    return Reading(None if problems else site, document, tuple(in_file_order(problems)))


def _not_a_site(document: Document) -> Problem:
    if document.data is None:
        return Problem("", 1, 1, "the file is empty", _START)
    place = document.place_of_value(())
    found = f"the file must begin with keys such as site:, not with {name_value(document.data)}"
    return Problem("", place.line, place.column, found, _START)


def read_text(path: Path) -> str | Problem:
    """The file's text, or why there is none."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not an ordinary file"
            return _unreadable(f"this is {kind}", "name the site's YAML file")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return _unreadable("there is no such file", f"check the path, or {_START}")
    except OSError as error:
        return _unreadable(
            f"the file cannot be read: {error.strerror}", "let the user of this service read it"
        )
    if len(data) > LARGEST_FILE:
        return _unreadable("the file is larger than 1 MiB", "a site file has a few kB; check the path")
    return _decode(data)


def _decode(data: bytes) -> str | Problem:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = locate(data.decode("utf-8", errors="replace"), len(data[: error.start].decode("utf-8")))
        return Problem(
            "", place.line, place.column, "the text is not UTF-8", "save the file with UTF-8 encoding"
        )


def _unreadable(message: str, hint: str) -> Problem:
    return Problem("", None, None, message, hint)
