"""Routing: which route takes a pilot, and what is asked of the site for it. Pure."""
