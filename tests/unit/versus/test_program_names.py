"""Names of programs come from the trace, whichever way it is cut and however often a pid is used."""

from __future__ import annotations

import pytest

from tests.bench.versus.program_names import ProgramNames

_TRACE = b"""\
  sbatch-4221  [000] ..... 7901.000100: sched_process_exec: filename=/usr/bin/sbatch pid=4221 old_pid=4221
 a name with: -77  [001] ..... 7901.000200: sched_process_exec: filename=/tmp/a b/run me.sh pid=77 old_pid=77
CPU:1 [LOST 3 EVENTS]
  squeue-4221  [000] ..... 7905.000000: sched_process_exec: filename=/usr/bin/squeue pid=4221 old_pid=4221
 a_name-9 [001] ..... 7905.000001: sched_process_exec: filename=a_name_longer_than_comm pid=9 old_pid=9
"""


@pytest.mark.parametrize("cut", range(0, len(_TRACE), 37))
def test_a_name_is_that_of_the_last_exec_before_the_event(cut: int) -> None:
    names = ProgramNames()
    names.take(_TRACE[:cut])
    names.take(_TRACE[cut:])

    assert names.name(4221, 7901.0001004) == "sbatch"
    assert names.name(4221, 7905.0) == "squeue"
    assert names.name(77, 7901.0002) == "run me.sh"
    assert names.name(9, 7906.0) == "a_name_longer_t"


def test_what_was_not_traced_has_no_name() -> None:
    names = ProgramNames()
    names.take(_TRACE)

    assert names.name(4221, 7900.9) == ""
    assert names.name(4221, 7903.0) == "sbatch"
    assert names.name(1, 7905.0) == ""
