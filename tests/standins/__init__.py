"""Batch systems that are not installed here: their commands, played by programs that really run the jobs.

`machine` is a cluster of one node: a server, which can be stopped while jobs go on, and a keeper for each
job. It knows no batch system's words. `pbs` and `lsf` are the commands in front of it; what they print and
with which exit codes is what real servers did (tests/corpora) or what the vendor documents. Faults are asked
for in a file (`machine.faults`). Standard library only, since each command is a new process.
"""
