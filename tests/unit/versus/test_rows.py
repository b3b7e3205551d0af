"""From what a run found to rows, targets and the table."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.bench.versus import incumbent_conf
from tests.bench.versus.findings import Findings
from tests.bench.versus.idle import Idle
from tests.bench.versus.life import Life, rate
from tests.bench.versus.model import Bench, Row, Series, Target
from tests.bench.versus.options import Options, parse
from tests.bench.versus.rest import Rest
from tests.bench.versus.rows import FACTORY_CEILING, NAMES, rows, series
from tests.bench.versus.singles import Singles
from tests.bench.versus.table import text


def _life(pilots: int, *, cpu_s: float, sent: int, programs: dict[str, int]) -> Life:
    return Life(
        pilots=pilots, seconds=60.0, per_second=9.9, programs=Counter(programs), processes=pilots,
        cpu_s=cpu_s, bytes_there=sent, bytes_back=0, listings_a_minute=6.0, end_to_factory=[4.0],
        end_to_api=[2.0],
    )  # fmt: skip


def _findings() -> Findings:
    found = Findings(sbatch_cpu_s=0.003, one=9.6, three=29.0)
    found.rest = Rest(post_to_accepted=[0.05])
    found.rest.rates = {
        "rest_rate": [190.0, 200.0], "rest_batch_plain": [199.0],
        "rest_arrays": [205.0], "rest_batch": [210.0],
    }  # fmt: skip
    found.rest.loops_per_second = {4: [150.0, 160.0], 8: [200.0, 210.0], 16: [205.0, 180.0]}
    found.ours.singles = Singles([7.0], [2.0], [8.0])
    found.incumbent.singles = Singles([14.0], [10.0], [16.0])
    found.ours.life = _life(100, cpu_s=0.5, sent=500_000, programs={"sbatch": 100, "squeue": 6})
    found.ours.small_life = _life(10, cpu_s=0.1, sent=300_000, programs={"sbatch": 10, "squeue": 5})
    found.incumbent.life = _life(10, cpu_s=1.8, sent=2_100_000, programs={"sbatch": 10, "bash": 300})
    found.ours.idle, found.incumbent.idle = Idle(0.4, 90.0), Idle(0.0, 28.0)
    return found


def _rows(found: Findings) -> dict[str, Row]:
    return {row.name: row for row in rows(found, sandbox=200_000, listing_s=5.0, pilots=100)}


def test_every_row_is_there_with_or_without_figures() -> None:
    for found in (Findings(), _findings()):
        assert sorted(_rows(found)) == sorted(NAMES)
    assert all(row.ours is None and row.met is None for row in _rows(Findings()).values())


def test_the_best_loop_is_the_limit_of_rest() -> None:
    row = _rows(_findings())["rest_rate"]
    assert row.limit
    assert row.limit.median == 205.0
    assert row.target
    assert row.target.bound == pytest.approx(0.95 * 205.0)
    assert row.met is True
    assert row.times_better == pytest.approx(195.0 / 9.9)
    for name, ours in (("rest_batch_plain", 199.0), ("rest_arrays", 205.0), ("rest_batch", 210.0)):
        batch = _rows(_findings())[name]
        assert (batch.limit, batch.target) == (row.limit, row.target)
        assert batch.ours
        assert batch.ours.median == ours


def test_sbatch_itself_is_not_ours_and_the_sandbox_goes_once() -> None:
    found = _rows(_findings())
    assert found["login_cpu"].ours
    assert found["login_cpu"].ours.median == pytest.approx(2.0)
    assert found["login_cpu"].target
    assert found["login_cpu"].target.bound == pytest.approx(18.0)
    assert found["ssh_bytes"].ours
    assert found["ssh_bytes"].ours.median == pytest.approx(3.0)
    assert "ours 3.0 kB there, 0.0 kB back" in found["ssh_bytes"].note
    assert found["ssh_bytes"].incumbent
    assert found["ssh_bytes"].incumbent.median == pytest.approx(210.0)


def test_listings_are_held_against_those_of_a_few_pilots() -> None:
    row = _rows(_findings())["listings"]
    assert row.ours
    assert row.ours.median == 6.0
    assert row.limit
    assert row.limit.median == 6.0
    assert row.met is True


@pytest.mark.parametrize(
    ("kind", "figure", "met"),
    [("at least", 9.4, False), ("at least", 9.5, True), ("at most", 9.5, True), ("at most", 9.6, False)],
)
def test_a_target_is_met_at_its_bound(kind: str, figure: float, met: bool) -> None:
    assert Target(kind=kind, bound=9.5, words="").is_met(figure) is met  # type: ignore[arg-type]


def test_nothing_is_divided_by_nothing() -> None:
    row = Row(
        name="idle_cpu", title="CPU", unit="%", better="less", ours=Series(values=[0.0]),
        incumbent=Series(values=[1.0]),
    )  # fmt: skip
    assert row.times_better is None
    assert rate([]) == rate([1.0]) == 0.0
    assert rate([1.0, 3.0, 2.0]) == 1.0


def test_the_table_tells_figures_targets_and_problems() -> None:
    bench = Bench(
        at="2026-11-26T22:00:00+00:00", seconds=60, machine={"cores": 2}, versions={"slurm": "22.05"},
        load_before=0.1, load_after=2.5, options={}, rows=list(_rows(_findings()).values()),
        problems=["ours, nothing to do: LabError: no"],
    )  # fmt: skip
    told = text(bench)
    assert "195 [190..200] (100)" in told
    assert "19.7x" in told
    assert "PROBLEM: ours, nothing to do: LabError: no" in told
    assert Bench.model_validate_json(bench.model_dump_json()).rows[0].limit == bench.rows[0].limit


def test_words_of_the_command_line() -> None:
    assert parse([]) == Options()
    given = parse(["--pilots", "50", "--only", "rest_rate", "--skip-incumbent"])
    assert (given.pilots, given.only, given.skip_incumbent) == (50, ("rest_rate",), True)
    for wrong in (["--pilots", "0"], ["--only", "nothing"]):
        with pytest.raises(SystemExit):
            parse(wrong)


def test_a_setting_of_blahp_is_replaced_not_added() -> None:
    packaged = "a=1\nblah_run_in_workdir=no\nb=2\n"
    assert incumbent_conf.blah_config(packaged).split() == ["a=1", "b=2", "blah_run_in_workdir=yes"]


def test_the_ceiling_of_the_protocol_is_the_measured_one_where_there_is_one() -> None:
    found = _findings()
    assert _rows(found)["door_rate"].limit == series([FACTORY_CEILING])
    found.ceiling = 9.4
    assert _rows(found)["door_rate"].limit == series([9.4])
    three = _rows(found)["door_rate_three"].target
    assert three
    assert three.bound == pytest.approx(3 * 0.95 * 9.4)
    found.ceiling_three = 26.0
    assert _rows(found)["door_rate_three"].limit == series([26.0])


def test_what_is_left_of_many_pilots_is_told() -> None:
    found = _findings()
    assert "after many" not in _rows(found)["idle_memory"].note
    found.ours.idle_after = Idle(0.5, 164.6)
    rows = _rows(found)
    assert rows["idle_memory"].note.endswith("after many pilots ours 165 MB")
    assert rows["idle_cpu"].note.endswith("after many pilots ours 0.50 %")
