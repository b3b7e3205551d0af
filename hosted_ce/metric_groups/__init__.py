"""Metrics that belong together. A group registers them, keeps them up to date, and describes them."""
