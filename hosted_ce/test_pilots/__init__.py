"""Test pilots: what they do at the site, and how they are asked for. Pure."""
