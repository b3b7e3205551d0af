"""What the benchmark of a whole CE is made of: jobs on paper, straight lines, its table and its charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bosco.batch.model import CommandResult, Listing, Phase
from bosco.batch.slurm.codec import LISTED, Slurm
from bosco.batch.stamps import sibling
from tests.bench.steady.chart import cpu, memory, svg
from tests.bench.steady.paper import MIN_JOB_AGE_S, Job, Paper
from tests.bench.steady.slope import slope
from tests.bench.steady.summary import row, summary
from tests.fakes.dialogue import told

RECORDED = Path(__file__).parents[1] / "corpora" / "slurm-22.05" / "squeue-unit-separator.stdout"
NOW = 1795716793.0


def _recorded(name: str) -> list[str]:
    rows = [line.split("\x1f") for line in RECORDED.read_text(errors="replace").splitlines()]
    return next(fields for fields in rows if fields[1] == name)


@pytest.mark.parametrize(
    "job",
    [
        Job(1, "running", "/f", NOW, started=NOW),
        Job(1, "completed", "/f", NOW, started=NOW, ended=NOW),
        Job(1, "pending-priority", "/f", NOW),
    ],
    ids=lambda job: job.name,
)
def test_a_job_on_paper_is_listed_as_squeue_lists_a_real_one(job: Job) -> None:
    own = {"JobArrayID", "Reason", "StartTime", "EndTime", "tres-alloc", "TimeLimit", "NodeList"}
    columns = [number for number, name in enumerate(LISTED) if name not in own]

    printed, real = job.row.rstrip("\n").split("\x1f"), _recorded(job.name)

    assert len(printed) == len(real)
    assert [printed[each] for each in columns] == [real[each] for each in columns]


def _listed(paper: Paper, now: float) -> Listing:
    result = CommandResult(0, paper.listing(now).encode())
    return told(Slurm().listing("osg"), result)


def test_no_more_run_than_there_is_room_for_and_the_oldest_go_first() -> None:
    first, second, third, fourth = stamps = [sibling("haaaaaaaaaaa", number) for number in range(4)]
    paper = Paper(most=2)
    for stamp in stamps:
        paper.submit(stamp, f"/{stamp}", NOW)
        paper.begin(NOW)
    ended = paper.end(NOW + 10)
    paper.begin(NOW + 10)

    phases = {job.stamp: job.phase for job in _listed(paper, NOW + 20).observations}

    assert ended
    assert ended.name == first
    assert phases == {
        first: Phase.ENDED, second: Phase.RUNNING, third: Phase.RUNNING, fourth: Phase.PENDING,
    }  # fmt: skip
    assert first not in {job.stamp for job in _listed(paper, NOW + 20 + MIN_JOB_AGE_S).observations}


def test_a_slope_has_the_error_of_what_is_scattered_around_it() -> None:
    hours = [0.0, 0.25, 0.5, 0.75, 1.0]

    straight, scattered = slope(hours, [1, 2, 3, 4, 5]), slope(hours, [1, 2.5, 2.5, 4.5, 4.5])

    assert straight
    assert straight.an_hour == pytest.approx(4)
    assert straight.error == pytest.approx(0, abs=1e-9)
    assert scattered
    assert scattered.an_hour == pytest.approx(3.6)
    assert scattered.error == pytest.approx(
        (0.9 / 3 / 0.625) ** 0.5
    )  # rests of 0.9 in all, three degrees of freedom
    assert slope(hours[:3], [1, 2, 3]) is None


def _run(pilots: int) -> dict[str, Any]:
    looks = [
        {
            "at": NOW + 60 * minute, "cpu_s": 3.0 * minute, "pss_mb": 150 + minute, "anon_mb": 120 + minute,
            "threads": 8, "files": 30, "tasks": 29, "database_mb": 10 + minute,
            "timed": {"list": [2 * minute, 0.5 * minute]},
        }
        for minute in range(5)
    ]  # fmt: skip
    return {"pilots": pilots, "churn": 100.0, "looks": looks, "latencies": [float(n) for n in range(100)]}


def test_the_table_has_what_lies_between_the_first_look_and_the_last() -> None:
    found = summary(_run(1000))

    assert found.cpu_percent == pytest.approx(5)
    assert found.listing_s == pytest.approx(0.25)
    assert found.growth
    assert found.growth.an_hour == pytest.approx(60)
    assert found.latency_s == (49.5, 99)
    assert found.kb_a_pilot == pytest.approx(10)
    assert row(_run(1000)).startswith(
        "| 1,000 | 4 | 5.0 | 5.0 to 5.0 | 154 | +60.0 ± 0.0 | 0.25 | 49.5, 99.0 |"
    )


def test_a_chart_has_a_line_for_each_run_within_its_frame() -> None:
    runs = [_run(1000), _run(10_000)]

    drawn = ElementTree.fromstring(svg([("Memory", list(map(memory, runs))), ("CPU", list(map(cpu, runs)))]))

    lines = [each for each in drawn.iter() if each.tag.endswith("polyline")]
    points = [
        float(each) for line in lines for pair in line.attrib["points"].split() for each in pair.split(",")
    ]
    assert len(lines) == 4
    assert all(0 <= each <= 720 for each in points)
