"""The bodies of requests: read within bounds, checked, and made into what the doors take."""
