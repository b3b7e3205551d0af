"""Slurm's way to write resources and durations."""

from __future__ import annotations

import pytest

from bosco.batch.model import Granted
from bosco.batch.slurm.units import duration_s, granted, memory_mb, minutes_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:30", 30), ("10:00", 600), ("1:30:00", 5400), ("3-00:00:00", 259200), ("1-00:01:00", 86460),
        ("UNLIMITED", None), ("INVALID", None), ("NOT_SET", None), ("", None), ("N/A", None), ("5", None),
    ],
)  # fmt: skip
def test_time_limits_of_squeue(text: str, seconds: int | None) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"), [("4320", 259200), ("UNLIMITED", None), ("Partition_Limit", None)]
)
def test_time_limits_of_sacct(text: str, seconds: int | None) -> None:
    assert minutes_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "megabytes"),
    [
        ("3000M", 3000),
        ("16G", 16384),
        ("1.50T", 1572864),
        ("512K", 0),
        ("100", 100),
        ("", None),
        ("xG", None),
    ],
)
def test_memory(text: str, megabytes: int | None) -> None:
    assert memory_mb(text) == megabytes


@pytest.mark.parametrize(
    ("tres", "expected"),
    [
        ("cpu=8,mem=16G,node=1,billing=8,gres/gpu=2,gres/gpu:a100=2", Granted(8, 16384, 60, 2, 1)),
        ("billing=8,cpu=8,gres/gpu:a100=1,gres/gpu:v100=1,mem=3000M,node=1", Granted(8, 3000, 60, 2, 1)),
        ("cpu=1,node=1,billing=1", Granted(1, None, 60, None, 1)),
        ("", Granted(None, None, 60, None)),
    ],
)
def test_trackable_resources(tres: str, expected: Granted) -> None:
    assert granted(tres, 60) == expected
