"""The Hosted CE: takes pilots, routes them to a campus's batch system over SSH, follows them to the end."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hosted-ce")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+source"
