"""bosco talks to a batch system on a login node, correctly.

It knows nothing of pilots, databases, HTTP or factories. `gateway.Gateway` is what others call;
`errors` says what its exceptions promise; `batch` holds the pure codecs, one per batch system.
"""
