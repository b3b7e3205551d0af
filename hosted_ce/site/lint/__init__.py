"""Finds what in a site file will not work as meant."""
