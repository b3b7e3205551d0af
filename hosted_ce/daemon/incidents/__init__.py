"""Outages: what is seen of each place, and who tells of them."""
