"""What is said of a pilot while its batch job waits at the site. Pure."""

from __future__ import annotations

IN_QUEUE = "in the site's queue"
"""A pilot's reason begins like this, or like the next."""
HELD_AT_SITE = "held at the site"
"""The batch system does not start it until somebody there releases it."""
ARRAY_WITHOUT_IT = "its array is there without it"
"""The reason of an attempt whose job, a task of an array, is gone from the queue while the array is there."""
