"""HTCondor-CE's settings by their names: which decide about routes, and what is said of those that do not."""

from __future__ import annotations

import re

from hosted_ce.site_import.facts import Facts
from hosted_ce.site_import.secrets import show
from hosted_ce.site_import.values import Found

ROUTER = re.compile(
    r"JOB_ROUTER_(ROUTE|TRANSFORM|PRE_ROUTE|POST_ROUTE|ENTRIES|DEFAULTS|SOURCE|DEFAULT_MAX|NAME|ROUND|HOOK|USE_DEP)\w*",
    re.IGNORECASE | re.ASCII,
)
FLAT = frozenset(
    {"condorce_max_jobs", "job_router_default_max_jobs_per_route", "routed_job_max_time",
     "job_router_default_max_idle_jobs_per_route"}
)  # fmt: skip
"""Settings about routes that a site file's own routes can have as well."""

_DOOR = "who may do what at the front door is fixed: tokens of issuers:, and nobody else"
_POLICY = "the CE has its own: compare it with front_door: policy:, and with `when:` of routes"
_DAEMONS = "HTCondor's daemons are configured by the CE itself"
_LOG = "the CE logs to standard error"
_TOKENS = "this CE makes no tokens with which pilots advertise to it"
_ITSELF = "the CE says itself what it is"
_PAGES = "this CE has its own pages and metrics"
_NOTHING = "it has no counterpart, and none is needed"
_AT_ONCE = "routing is done at once, by the CE"

_TOLD: tuple[tuple[str, str], ...] = (
    (r"SYSTEM_PERIODIC_\w+|SUBMIT_REQUIREMENT_\w+|ENABLE_JOB_RETRIES|COMPLETED_JOB_EXPIRATION", _POLICY),
    (r"(SEC|ALLOW|DENY|AUTH|SCITOKENS|GSI|HOSTALLOW|HOSTDENY|FRIENDLY)(_\w+)?", _DOOR),
    (r"CERTIFICATE_MAPFILE|\w+_CERTIFICATE\w*", _DOOR),
    (
        r"(SCHEDD|COLLECTOR|MASTER|GRIDMANAGER|SHARED_PORT|GAHP|BLAHPD?|REMOTE_GAHP|BATCH_GAHP)(_\w+)?",
        _DAEMONS,
    ),
    (r"DAEMON_LIST|\w+_ARGS|\w+_ENVIRONMENT", _DAEMONS),
)
_NOT_NEEDED: tuple[tuple[str, str], ...] = (
    (r"\w*_?DEBUG|MAX_\w*_LOG|MAX_NUM_\w+_LOG|\w+_LOG|LOG|ALL_DEBUG", _LOG),
    (r"JOB_ROUTER_(CREATE_IDTOKEN|IDTOKEN)\w*", _TOKENS),
    (r"JOB_ROUTER_(POLLING_PERIOD|MAX_JOBS|TARGET\w*)", _AT_ONCE),
    (r"(SLATE|OSG)_HOSTED_CE|SCHEDD_ATTRS|COLLECTOR_ATTRS|OSG_BATCHSYSTEMS", _ITSELF),
    (r"CONDORCE_\w*VIEW\w*|CEVIEW\w*|DUTY_CYCLE\w*|FILE_XFER_LOAD\w*", _PAGES),
    (r"USE_CE_HOME_DIR|DISABLE_PILOT_ADS|SKIP_WNCLIENT|TCP_FORWARDING_HOST", _NOTHING),
    (r"OSG_CONFIGURED|PER_JOB_HISTORY_DIR", _NOTHING),
)


def name_setting(found: Found, facts: Facts) -> None:
    """Says of a setting that is not taken over why it is not needed, or what a person has to look at."""
    name = found.what.rpartition(".")[2].upper()
    for pattern, why in _NOT_NEEDED:
        if re.fullmatch(pattern, name, re.ASCII):
            facts.notes.unneeded(found.place, found.what, why)
            return
    for pattern, why in _TOLD:
        if re.fullmatch(pattern, name, re.ASCII):
            facts.notes.person(found.place, show(found.what, found.value), why)
            return
    message = "this setting has no counterpart in a site file"
    facts.notes.person(found.place, show(found.what, found.value), message)
