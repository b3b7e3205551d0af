"""Outages, found in minutes and told with their cause: signs, when they make an incident, when it is over.

Pure: time comes as a number (seconds since the epoch).
"""
