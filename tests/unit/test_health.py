"""Health: the dashboard's rules, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosted_ce.health.facts import (
    ClusterCondition,
    ClusterFacts,
    DoorFacts,
    Expiry,
    Facts,
    PilotFacts,
    RoomFacts,
)
from hosted_ce.health.judge import Word, health
from hosted_ce.health.pressure import Pressure, activity

NOW, DAY, MIB = 1_770_000_000.0, 86400.0, 2**20
BUSY = PilotFacts(
    idle=3, running=2, first_at=NOW - 90 * DAY, ran_at=NOW, cores=16, mean_cores=12.0, mean_idle=2.0
)
WELL = Facts(NOW, BUSY, (ClusterFacts("main", ClusterCondition.WELL),), DoorFacts(True))


def test_a_ce_that_works_is_good() -> None:
    found = health(WELL)
    assert (found.word, found.reasons) == (Word.GOOD, ())


def quiet(days: float, **more: float) -> PilotFacts:
    return PilotFacts(first_at=NOW - 90 * DAY, ran_at=NOW - days * DAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "word", "said", "todo"),
    [
        ({"door": DoorFacts(False, "no answer")}, Word.POOR, "factories cannot send pilots: no answer",
         "front-door check"),
        ({"door": DoorFacts(True, "outputs wait")}, Word.FAIR, "in trouble: outputs wait",
         "front-door check"),
        ({"clusters": (ClusterFacts("main", ClusterCondition.OUT_OF_REACH, "no route to host"),)}, Word.POOR,
         "cluster main cannot be reached: no route to host", "site resume main"),
        ({"clusters": (ClusterFacts("main", ClusterCondition.IN_TROUBLE, "QOSMax"),)}, Word.FAIR,
         "cluster main is in trouble: QOSMax", "site check"),
        ({"clusters": (ClusterFacts("main", ClusterCondition.PAUSED, "paused by x"),)}, Word.FAIR,
         "nothing is submitted to cluster main: paused by x", "site resume main"),
        ({"clusters": (ClusterFacts("main", ClusterCondition.WELL, overdue=2),)}, Word.FAIR,
         "2 pilots have been in doubt for too long at cluster main", "--state unknown"),
        ({"clusters": (ClusterFacts("main", ClusterCondition.WELL, overdue=1),)}, Word.FAIR,
         "1 pilot has been in doubt for too long at cluster main", "--state unknown"),
        ({"clusters": (ClusterFacts("main", ClusterCondition.WELL, problems=(("no queue", "mend it"),)),)},
         Word.FAIR, "cluster main: no queue", "mend it"),
        ({"pilots": PilotFacts()}, Word.POOR, "no pilot has ever come", "factory"),
        ({"pilots": quiet(31)}, Word.POOR, "no pilot has run for 31 days", "factory"),
        ({"pilots": quiet(8)}, Word.FAIR, "no pilot has run for 8 days", "factory"),
        ({"pilots": quiet(3, idle=5, mean_idle=4.0)}, Word.FAIR, "no pilot has run for 3 days, and 5 wait",
         "--state idle"),
        ({"pilots": PilotFacts(idle=1, first_at=NOW - 40 * DAY, mean_idle=1.0)}, Word.POOR,
         "no pilot has run, and 1 waits", "--state idle"),
        ({"pilots": replace(BUSY, held=6)}, Word.FAIR, "6 pilots are held, and only 5", "--state held"),
        ({"pilots": replace(BUSY, idle=0, running=0, held=1)}, Word.FAIR, "1 pilot is held, and none run",
         "--state held"),
        ({"expiries": (Expiry("host certificate", "/c", NOW + 3 * DAY),)}, Word.FAIR,
         "valid for 3 days", "/c"),
        ({"expiries": (Expiry("host certificate", "/c", NOW),)}, Word.POOR, "no longer valid", "/c"),
        ({"room": RoomFacts("/state", 199 * MIB, 30_000)}, Word.POOR, "room for 199 MiB only, in the state",
         "make room there"),
        ({"room": RoomFacts("/state", 1023 * MIB)}, Word.FAIR, "room for 1023 MiB only", "make room there"),
        ({"room": RoomFacts("/state", 2048 * MIB, 999)}, Word.POOR, "room for 999 files only", "make room"),
        ({"room": RoomFacts("/state", 2048 * MIB, 19_999)}, Word.FAIR, "for 19999 files only", "make room"),
        ({"troubles": ("the site file is not in force",)}, Word.FAIR, "not in force", "/readyz"),
    ],
)  # fmt: skip
def test_each_rule(changes: dict[str, object], word: Word, said: str, todo: str) -> None:
    found = health(replace(WELL, **changes))  # type: ignore[arg-type]
    assert found.word is word
    [reason] = found.reasons
    assert said in reason.said
    assert todo in reason.todo


@pytest.mark.parametrize(
    "changes",
    [
        {"door": None},
        {"room": RoomFacts("/state", 1024 * MIB, 20_000)},
        {"room": RoomFacts("/state", 1024 * MIB)},
        {"door": DoorFacts(None)},
        {"clusters": (ClusterFacts("main", ClusterCondition.NOT_KNOWN),)},
        {"pilots": quiet(6.9)},
        {"pilots": replace(BUSY, held=5)},
        {"pilots": PilotFacts(idle=2, first_at=NOW - 60, mean_idle=0.001)},
        {"expiries": (Expiry("host certificate", "/c", NOW + 15 * DAY),)},
    ],
)
def test_what_is_good_all_the_same(changes: dict[str, object]) -> None:
    assert health(replace(WELL, **changes)).word is Word.GOOD  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pilots", "word", "said"),
    [
        (BUSY, Pressure.PRODUCTION, "16 cores run pilots now"),
        (replace(BUSY, running=0, cores=0), Pressure.PRODUCTION, "12.0 cores ran pilots"),
        (PilotFacts(), Pressure.NO_PRESSURE, "no pilot waits"),
        (PilotFacts(idle=3, mean_idle=0.2), Pressure.NO_PRESSURE, "3 pilots wait, but not for long"),
        (PilotFacts(idle=1, mean_idle=0.2), Pressure.NO_PRESSURE, "1 pilot waits, but not for long"),
        (PilotFacts(idle=3, mean_idle=1.5, mean_cores=0.9), Pressure.BROKEN, "3 pilots wait"),
    ],
)
def test_the_words_of_the_weekly_report(pilots: PilotFacts, word: Pressure, said: str) -> None:
    found = activity(pilots)
    assert found.word is word
    assert said in found.reason
