"""Finds what HTCondor-CE would refuse, and what it would take in silence though it cannot be meant. Pure."""
