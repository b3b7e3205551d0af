"""Tokens of issuers (SciTokens, WLCG): whether one is good, and what it allows."""
