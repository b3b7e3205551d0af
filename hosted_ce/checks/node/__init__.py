"""Checks of a worker node: the script that looks around, how its answer is read, and what follows. Pure."""
