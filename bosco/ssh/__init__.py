"""The way to a login node: keys, host keys and certificates, the connection, and where a way ends."""
