"""Pure codecs, one module per batch system: request -> script and argv; bytes -> observations.

No I/O and no clock: everything here is a function of its arguments.
"""
