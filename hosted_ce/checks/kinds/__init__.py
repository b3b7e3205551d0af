"""All kinds of checks, by what they look at."""
