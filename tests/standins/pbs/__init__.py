"""OpenPBS's and Torque's commands, by the words that real ones were recorded with (tests/corpora)."""
