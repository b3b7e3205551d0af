"""The site file: one YAML file for each contributing site. It says where the site's clusters are,
which pilots go there, and how many, and whose tokens its front door takes.

`load_site` gives a frozen `SiteFile`, or raises `SiteFileError` with every problem of the file and its line.
`lint_site` finds the same problems, and adds warnings about what loads but will not work as meant.
Durations are whole seconds and memory is whole MB (1 GB = 1024 MB) everywhere behind this package.
"""

from __future__ import annotations

from hosted_ce.site.cluster import Cluster, Login
from hosted_ce.site.errors import BadValue, Problem, Severity, SiteFileError
from hosted_ce.site.formula import Formula
from hosted_ce.site.front_door import FrontDoor
from hosted_ce.site.issuer import Ban, Issuer
from hosted_ce.site.limits import Caps, Limits, Window
from hosted_ce.site.lint.site_file import ExpressionChecker, lint_site
from hosted_ce.site.load import load_site
from hosted_ce.site.model import SiteFile
from hosted_ce.site.policy import Policy
from hosted_ce.site.route import HtcondorRoutes, Request, Route
from hosted_ce.site.units import format_duration, format_memory, parse_duration, parse_memory

__all__ = [
    "BadValue",
    "Ban",
    "Caps",
    "Cluster",
    "ExpressionChecker",
    "Formula",
    "FrontDoor",
    "HtcondorRoutes",
    "Issuer",
    "Limits",
    "Login",
    "Policy",
    "Problem",
    "Request",
    "Route",
    "Severity",
    "SiteFile",
    "SiteFileError",
    "Window",
    "format_duration",
    "format_memory",
    "lint_site",
    "load_site",
    "parse_duration",
    "parse_memory",
]
