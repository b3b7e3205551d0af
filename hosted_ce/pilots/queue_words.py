"""How a pilot's reason begins while its batch job waits at the site. Pure."""

from __future__ import annotations

IN_QUEUE = "in the site's queue"
HELD_AT_SITE = "held at the site"
"""The batch system does not start it until somebody there releases it."""
