"""Runs of checks over the site: what they look at, in which order, and what they said."""
