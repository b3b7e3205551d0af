"""`hosted-ce session`: the live integration session, from the command line."""
