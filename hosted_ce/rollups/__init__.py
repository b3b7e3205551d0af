"""Numbers over a day, a week and a year, and what pilots were given: pure.

Times are seconds since the epoch.
"""
