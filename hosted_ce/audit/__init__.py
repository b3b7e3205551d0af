"""Who did what, and what was refused and why: one line of JSON for each decision."""
