"""LSF's commands, by IBM's documentation of 10.1: no real LSF was at hand."""
