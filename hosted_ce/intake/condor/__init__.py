"""The factory's door: a real condor_schedd takes pilots over HTCondor-C, and this package is their manager.

It claims them, hands them to the engine, keeps their ads in step with what the engine finds out, and does
what the factory asks of them. It stands where HTCondor-CE has a Job Router, a GridManager and blahp.
"""
