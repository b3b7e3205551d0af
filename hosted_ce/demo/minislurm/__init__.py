"""A batch system for one machine that speaks Slurm's commands and really runs the jobs.

Its words, formats, exit codes and error texts are those of Slurm 22.05.8, recorded side by side. It is run
once per command, as `python -S -E .../minislurm/__main__.py sbatch ...`: standard library only, relative
imports only, and `NamedTuple` in place of dataclasses, whose import alone would cost a third of the start.

What happens to a job, file by file: `sbatch` reads the script's options (`request`), writes the job down
(`store`) and its files (`spool`), and makes sure that somebody cares (`wake`). That is the `controller`: it
starts jobs as `schedule` says, ends those that overrun, writes their ends down, and leaves when nothing is
left to do. Each job has its own `supervisor`, so that the controller can be killed at any time.
"""
