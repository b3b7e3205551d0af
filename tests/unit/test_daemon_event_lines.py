"""What the log says of pilots: a line for each event, and none for what is no event."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from hosted_ce.daemon.event_lines import tell
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


def test_those_that_come_together_share_a_line() -> None:
    new = [Change(pilot(id=number), {"stage": Stage.WAITING}) for number in (1, 2, 3, 7)]
    with structlog.testing.capture_logs() as logs:
        tell(new)
    assert logs[0] == {"event": "pilots received", "pilots": ["1-3", "7"], "number": 4, "log_level": "info"}
    assert [line["log_level"] for line in logs[1:]] == ["debug"] * 4
