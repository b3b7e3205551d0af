"""The HTTP API: JSON for programs, metrics for Prometheus, pages for people. It translates; others decide."""
