"""Logs: one line for one message, ours and those of libraries alike."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
import uvicorn

from hosted_ce.logs import QUIET, configure_logs
from hosted_ce.settings import Settings


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Puts the logging of the test run back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in QUIET}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def configured(stream: io.StringIO | None = None, **settings: str) -> io.StringIO:
    stream = stream or io.StringIO()
    configure_logs(Settings.model_validate({"log_format": "json", **settings}), stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_messages_are_json_with_their_facts() -> None:
    stream = configured()
    structlog.get_logger("hosted_ce.engine").warning("submission in doubt", pilot=7, path=io)
    (line,) = lines(stream)
    assert line["event"] == "submission in doubt"
    assert (line["level"], line["logger"], line["pilot"]) == ("warning", "hosted_ce.engine", 7)
    assert str(line["timestamp"]).endswith("Z")
    assert "module 'io'" in str(line["path"])  # whatever it is, it is written


def test_messages_of_libraries_take_the_same_form() -> None:
    stream = configured()
    logging.getLogger("sqlalchemy").warning("pool of %d", 5)
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("pool of 5", "warning", "sqlalchemy")


@pytest.mark.parametrize("ours", [True, False])
def test_a_traceback_stays_in_its_line(ours: bool) -> None:
    stream = configured()
    try:
        raise ValueError("broken")
    except ValueError:
        if ours:
            structlog.get_logger("x").exception("it failed")
        else:
            logging.getLogger("x").exception("it failed")
    (line,) = lines(stream)
    assert "ValueError: broken" in str(line["exception"])


def test_a_message_cannot_forge_another() -> None:
    stream = configured()
    structlog.get_logger("x").info("a\nb", said='"}\n{"event": "forged"}')
    assert [line["event"] for line in lines(stream)] == ["a\nb"]


def test_facts_of_the_context_are_in_every_line() -> None:
    stream = configured()
    structlog.contextvars.bind_contextvars(request="r1")
    structlog.get_logger("x").info("one")
    logging.getLogger("y").info("two")
    assert [line["request"] for line in lines(stream)] == ["r1", "r1"]


def test_less_severe_messages_are_left_out() -> None:
    stream = configured(log_level="warning")
    structlog.get_logger("x").info("no")
    logging.getLogger("y").info("no")
    structlog.get_logger("x").error("yes")
    assert [line["event"] for line in lines(stream)] == ["yes"]


def test_libraries_that_talk_much_are_quiet_even_when_we_debug() -> None:
    uvicorn.Config("app:none")  # gives its loggers handlers of their own
    stream = configured(log_level="debug")
    for name in QUIET:
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble")
    structlog.get_logger("x").debug("ours")
    assert [line["event"] for line in lines(stream)] == ["trouble"] * len(QUIET) + ["ours"]


def test_people_get_text_and_pipes_get_json() -> None:
    terminal = configured(Terminal(), log_format="auto")
    structlog.get_logger("x").warning("hello", pilot=7)
    assert "hello" in terminal.getvalue()
    with pytest.raises(ValueError, match="Expecting value"):
        lines(terminal)
    pipe = configured(log_format="auto")
    structlog.get_logger("x").warning("hello", pilot=7)
    assert lines(pipe)[0]["pilot"] == 7


def test_text_without_a_terminal_has_no_colours_and_no_local_variables() -> None:
    stream = configured(log_format="console")
    token = "s3cr3t"
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger("x").exception("it failed")
    said = stream.getvalue()
    assert "ValueError: broken" in said
    assert "\x1b" not in said
    assert token not in said


def test_configuring_twice_writes_each_message_once() -> None:
    configured()
    stream = configured()
    structlog.get_logger("x").info("once")
    assert len(lines(stream)) == 1


def test_words_that_no_terminal_shows_do_not_stop_the_log() -> None:
    stream = configured()
    structlog.get_logger("x").info("said", words="R\udce9servation\x1b[2J")
    assert lines(stream)[0]["words"] == "R\udce9servation\x1b[2J"
    assert "\x1b" not in stream.getvalue()
