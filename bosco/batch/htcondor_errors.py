"""What condor_submit's error texts mean for a retry. (being recorded)"""

from __future__ import annotations

from bosco.errors import Refusal


def refusal_of(exit_code: int, stderr: bytes) -> Refusal | None:
    return None
