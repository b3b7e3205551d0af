"""Structured logs: one chain for our own messages and those of libraries, without secrets."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from hosted_ce.log_file import LogFile
from hosted_ce.redaction import Redactor
from hosted_ce.settings import Settings

log = structlog.get_logger(__name__)
QUIET = ("asyncssh", "httpx", "httpcore", "alembic", "asyncio", "uvicorn.access")
"""Libraries whose messages below a warning tell an operator nothing."""

_MADE = "_hosted_ce_line"
_COMMON: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def configure_logs(
    settings: Settings, stream: TextIO | None = None, redactor: Redactor | None = None
) -> None:
    """Sends all logs to `stream` (standard error), as JSON lines or, on a terminal, for people."""
    out = stream or sys.stderr
    console = settings.log_format == "console" or (settings.log_format == "auto" and out.isatty())
    # Plain: the default shows local variables, and with them secrets.
    people = structlog.dev.ConsoleRenderer(
        colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    handler = logging.StreamHandler(out)
    last = people if console else structlog.processors.JSONRenderer()
    handler.setFormatter(_formatter(last, redactor or Redactor(), once=not console))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    _hush_libraries()
    structlog.configure(
        processors=[*_COMMON, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


@contextmanager
def log_file(settings: Settings, redactor: Redactor) -> Iterator[None]:
    """While the block runs, all logs go to the file of the settings as well, as JSON lines.

    A file that cannot be opened is told, and ends nothing.
    """
    handler = _opened(settings)
    if handler is None:
        yield
        return
    handler.setFormatter(_formatter(structlog.processors.JSONRenderer(), redactor, once=True))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def _opened(settings: Settings) -> LogFile | None:
    if not settings.log_file_size:
        return None
    try:
        return LogFile(settings.log_file, settings.log_file_size, settings.log_files)
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}"
        log.error("no log file is written; what is told is on standard error alone", problem=problem)
        return None


class _Once(structlog.stdlib.ProcessorFormatter):
    """JSON is the same line for every handler of one redactor: it is made once, and kept with its record.

    A handler that turns files over asks for the line twice, and there are two handlers.
    """

    redactor: Redactor

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        made: tuple[Redactor, str] | None = getattr(record, _MADE, None)
        if made is None or made[0] is not self.redactor:
            made = self.redactor, super().format(record)
            setattr(record, _MADE, made)
        return made[1]


def _formatter(last: Processor, redactor: Redactor, *, once: bool) -> logging.Formatter:
    def without_secrets(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
        return {name: redactor.named(name, value) for name, value in line.items()}

    kind = _Once if once else structlog.stdlib.ProcessorFormatter
    formatter = kind(
        foreign_pre_chain=_COMMON,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _spell_out,
            without_secrets,
            last,
        ],
    )
    if isinstance(formatter, _Once):
        formatter.redactor = redactor
    return formatter


def _spell_out(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """Things become texts before secrets are looked for, and not after."""
    plain = (str, bool, int, float, list, tuple, dict, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in line.items()}


def _hush_libraries() -> None:
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in (*QUIET, "uvicorn", "uvicorn.error"):
        library = logging.getLogger(name)
        library.handlers.clear()  # what it was given before would print past ours
        library.propagate = True
