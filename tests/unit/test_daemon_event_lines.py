"""What the log says of pilots: each event, several of the same in one line; nothing of what is no event."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import structlog

from hosted_ce.daemon.event_lines import MOST, tell
from hosted_ce.pilots.pilot import Change, Event, NewAttempt
from hosted_ce.pilots.states import Stage, State
from tests.unit.why.stories import pilot, queued_attempt

RUNS = pilot(State.RUNNING, Stage.RUNNING, attempt=queued_attempt(), factory_job="f#1.0#2")
BEGIN = NewAttempt("hstamp", "large", "main", {})


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            Change(pilot(), {"stage": Stage.WAITING, "state": State.IDLE}),
            {"event": "pilot received", "pilot": 12, "state": "idle"},
        ),
        (
            Change(pilot(), {"stage": Stage.SUBMITTING}, event=Event("routed", "engine", "r"), begin=BEGIN),
            {"event": "pilot routed", "pilot": 12, "state": "idle", "actor": "engine", "reason": "r",
             "stamp": "hstamp", "route": "large", "cluster": "main"},
        ),
        (
            Change(RUNS, {"state": State.COMPLETED}, event=Event("completed", "engine")),
            {"event": "pilot completed", "pilot": 12, "state": "completed", "actor": "engine",
             "stamp": "habcdefghijklmn", "route": "large", "cluster": "main", "batch_id": "4711",
             "factory_job": "f#1.0#2"},
        ),
    ],
)  # fmt: skip
def test_an_event_is_a_line_with_what_it_is_about(change: Change, line: dict[str, Any]) -> None:
    with structlog.testing.capture_logs() as logs:
        tell([change, Change(RUNS, {"reason": "another"})])
    assert logs == [line | {"log_level": "info"}]


def submitted(number: int, batch_id: str | None = None, why: str | None = None) -> Change:
    attempt = replace(queued_attempt(), stamp=f"h{number}", batch_id=None)
    one = replace(pilot(State.IDLE, Stage.SUBMITTING, attempt=attempt), id=number)
    return Change(one, {"stage": Stage.QUEUED}, {"batch_id": batch_id}, Event("submitted", "engine", why))


def test_the_same_of_several_is_one_line_with_what_is_each_ones_own() -> None:
    changes = [submitted(1, "7_1"), submitted(2, "7_2"), submitted(3), submitted(4, "9", why="another")]
    with structlog.testing.capture_logs() as logs:
        tell(changes)
    common = {"state": "idle", "actor": "engine", "route": "large", "cluster": "main", "log_level": "info"}
    assert logs == [
        {"event": "pilots submitted", "pilots": [1, 2, 3], "stamps": ["h1", "h2", "h3"],
         "batch_ids": ["7_1", "7_2", None], **common},
        {"event": "pilot submitted", "pilot": 4, "stamp": "h4", "batch_id": "9",
         "reason": "another", **common},
    ]  # fmt: skip


def test_those_that_come_together_share_a_line() -> None:
    new = [Change(pilot(id=number), {"stage": Stage.WAITING}) for number in (1, 2, 3, 7)]
    with structlog.testing.capture_logs() as logs:
        tell(new)
    assert logs == [
        {"event": "pilots received", "pilots": [1, 2, 3, 7], "state": "idle", "log_level": "info"}
    ]


def test_a_line_has_a_bound() -> None:
    with structlog.testing.capture_logs() as logs:
        tell([submitted(number) for number in range(2 * MOST + 1)])
    assert [len(line["pilots"]) for line in logs[:2]] == [MOST, MOST]
    assert logs[2]["pilot"] == 2 * MOST
    assert len(logs) == 3
