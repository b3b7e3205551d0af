"""The front door's HTCondor: its configuration, its processes, and what is wrong with them.

The front door is a condor_schedd and a condor_collector, run as an ordinary user below a condor_master of
their own. `config` and `mapfile` make its configuration from the site file, `files` writes it, `master`
starts and stops it, `check` looks at it. What happens in its queue is `hosted_ce.intake.condor`'s.
"""
