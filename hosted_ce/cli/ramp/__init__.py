"""`hosted-ce ramp`: how many pilots routes admit while they grow."""
