"""Explains where pilots go, and why."""
