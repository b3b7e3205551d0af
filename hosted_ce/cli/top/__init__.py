"""`hosted-ce top`: the pilots of a running CE on a terminal, live.

`screen` is what is to be seen and `keys` what a key makes of it, both pure; `draw` makes lines of it. `fetch`
asks the CE in a thread of its own, so that keys are heeded while it is slow or away; `live` puts it together.
"""
