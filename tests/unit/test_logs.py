"""Logs: one line for one message, ours and those of libraries alike."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import uvicorn

from hosted_ce.log_file import files_of
from hosted_ce.logs import QUIET, configure_logs, log_file
from hosted_ce.redaction import MASK, Redactor
from hosted_ce.settings import Settings
from tests.fakes.secrets import JWT, PASSPHRASE, PRIVATE_KEY, shown


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


class Answer:
    """Something whose text has a secret in it."""

    def __repr__(self) -> str:
        """With the secret."""
        return f"<Answer {JWT}>"


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_is_written_wherever_it_is(form: str) -> None:
    stream = configured(log_format=form)
    log = structlog.get_logger("x")
    log.info(f"asked with {JWT}", headers={"Authorization": "Bearer planted0Token"}, answer=Answer())
    logging.getLogger("asyncssh").warning("key %s", PRIVATE_KEY)
    try:
        raise ValueError(f"passphrase={PASSPHRASE}")
    except ValueError:
        log.exception("it failed", stack_info=True)
        logging.getLogger("y").exception("it failed")
    assert stream.getvalue().count(MASK) >= 6
    assert not shown(stream.getvalue()), stream.getvalue()


def test_what_was_learnt_later_is_not_written_either() -> None:
    stream, redactor = io.StringIO(), Redactor()
    configure_logs(Settings(log_format="json"), stream, redactor)
    redactor.learn("the-api-s-own-token")
    structlog.get_logger("x").info("request", path="/api/v1/the-api-s-own-token")
    assert lines(stream)[0]["path"] == f"/api/v1/{MASK}"


def test_the_file_has_every_line_as_json_whatever_people_see(tmp_path: Path) -> None:
    settings = Settings(log_format="console", state=tmp_path)
    stream = io.StringIO()
    configure_logs(settings, stream)
    with log_file(settings, Redactor()):
        structlog.get_logger("x").warning("hello", pilot=7, token="planted-secret")
    structlog.get_logger("x").warning("later")
    (line,) = [json.loads(text) for text in settings.log_file.read_text().splitlines()]
    assert (line["event"], line["pilot"], line["token"]) == ("hello", 7, MASK)
    assert "hello" in stream.getvalue()


def test_files_are_bounded_in_size_and_number(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, log_file_size=500, log_files=3)
    configure_logs(settings, io.StringIO())
    with log_file(settings, Redactor()):
        for number in range(40):
            structlog.get_logger("x").warning("line", number=number)
    files = files_of(settings.log_file)
    assert [file.name for file in files] == ["hosted-ce.jsonl.2", "hosted-ce.jsonl.1", "hosted-ce.jsonl"]
    assert all(file.stat().st_size <= 500 for file in files)
    numbers = [json.loads(line)["number"] for file in files for line in file.read_text().splitlines()]
    assert numbers == list(range(numbers[0], 40))


def test_no_file_is_written_if_none_is_wanted(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, log_file_size=0)
    configure_logs(settings, io.StringIO())
    with log_file(settings, Redactor()):
        structlog.get_logger("x").warning("hello")
    assert files_of(settings.log_file) == []


def test_a_full_disk_is_told_once_and_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(state=tmp_path)
    configure_logs(settings, io.StringIO())
    with log_file(settings, Redactor()):
        (handler,) = [each for each in logging.getLogger().handlers if hasattr(each, "baseFilename")]

        def full(record: logging.LogRecord) -> bool:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(handler, "shouldRollover", full)
            for _ in range(3):
                structlog.get_logger("x").warning("lost")
        structlog.get_logger("x").warning("kept")
    told = capsys.readouterr().err
    assert told.count("cannot be written: [Errno 28] No space left on device") == 1
    assert "kept" in settings.log_file.read_text()


def test_a_file_that_cannot_be_opened_is_told_and_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("in the way")
    stream = io.StringIO()
    configure_logs(Settings(log_format="json", state=tmp_path), stream)
    with log_file(Settings(state=tmp_path), Redactor()):
        structlog.get_logger("x").warning("hello")
    first, second = lines(stream)
    assert str(first["event"]).startswith("no log file is written")
    assert str(tmp_path / "log") in str(first["problem"])
    assert second["event"] == "hello"


class Counting(Redactor):
    """Counts the lines that it goes through."""

    def __init__(self) -> None:
        super().__init__()
        self.events = 0

    def named(self, name: object, value: object) -> object:
        """As a redactor does."""
        self.events += name == "event"
        return super().named(name, value)


def test_a_line_is_made_once_for_standard_error_and_the_file(tmp_path: Path) -> None:
    settings, redactor, stream = Settings(log_format="json", state=tmp_path), Counting(), io.StringIO()
    configure_logs(settings, stream, redactor)
    with log_file(settings, redactor):
        structlog.get_logger("hosted_ce").info("pilot submitted", pilot=7)
    assert redactor.events == 1
    assert settings.log_file.read_text() == stream.getvalue() != ""


def test_a_handler_with_another_redactor_makes_its_own(tmp_path: Path) -> None:
    settings, knows, stream = (
        Settings(log_format="json", state=tmp_path),
        Redactor(["sesame-open"]),
        io.StringIO(),
    )
    configure_logs(settings, stream)
    with log_file(settings, knows):
        structlog.get_logger("hosted_ce").info("said", word="sesame-open")
    assert "sesame-open" in stream.getvalue()
    assert "sesame-open" not in settings.log_file.read_text()
