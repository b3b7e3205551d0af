"""Judges: what was found out about a site, in; results of checks, out."""
