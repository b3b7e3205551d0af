"""The site file in a running CE: which one is in force, and how another one follows it."""
