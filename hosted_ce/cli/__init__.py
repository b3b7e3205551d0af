"""The `hosted-ce` command. It runs the service, and talks to a running one over its API.

The modules of commands import what is heavy inside each command, so that `--help` and completion stay quick.
"""
