"""Hostile inputs, one harness for each kind: docs/developers/fuzzing.md."""
