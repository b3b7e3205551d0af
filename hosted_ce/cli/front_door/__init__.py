"""`hosted-ce front-door`: the HTCondor that factories send pilots to."""
