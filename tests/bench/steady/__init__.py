"""A whole CE with thousands of pilots, for as long as you like: does it stay as light as it was?

What is measured, and on what: docs/developers/performance.md. `python -m tests.bench.steady --help`.
"""
