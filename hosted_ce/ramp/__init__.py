"""How many pilots a route admits while it grows, and on what evidence that goes up or back.

Pure: time comes as a number, attempts as values.
"""
