"""The one way in which a command says no."""

from __future__ import annotations


class Refused(Exception):
    """The command is not carried out. `lines` are for stderr; they and `exit_code` are Slurm's own."""

    def __init__(self, *lines: str, exit_code: int = 1) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
        self.exit_code = exit_code
