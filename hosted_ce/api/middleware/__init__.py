"""What every request goes through, whatever its endpoint.

Outermost first: linger, headers, request log, audit, slow down, hurry.
"""
