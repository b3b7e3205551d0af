"""HTCondor-CE's route language: parsed, checked with line numbers, and run as HTCondor runs it. Pure."""
