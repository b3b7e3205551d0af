"""A pilot's arguments, environment and files arrive as they were given, in every shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bosco.batch.model import BatchRequest, InputFile, JobRecord
from bosco.batch.wrapper import PROLOGUE_FAILED, job_record, wrapper

SHELLS = [argv for argv in (["/bin/sh"], ["bash"], ["bash", "--posix"], ["dash"]) if shutil.which(argv[0])]
SHOWS = b"""#!/bin/sh
printf '%s\\0' "$#" "$@"
exec env -0
"""
TRICKY = [
    "", " ", "'", '"', "\\", "\n", "\r", "\r\n", "\t", "$(touch x)", "`id`", "${HOME}", "$0", "*", "~", "!!",
    "--", "-n", "@COMMAND@", "@ENVIRONMENT@", "@SETTINGS@", "%s\\n", "a'b\"c", "'\\''", "\\1", "\\g<0>", "#",
    ";", "&", "|", ">x", "\x1f", "\x1b[31m", "é", "日本", "\udcff", "\u2028", "'\"$hce_return\"'", "EOF",
    "\n#SBATCH --uid=0\n", "x" * 5000,
]  # fmt: skip
unhurried = settings(deadline=None)  # a busy machine is no failure
any_bytes = st.binary(max_size=20).map(
    lambda data: data.replace(b"\0", b"").decode("utf-8", "surrogateescape")
)
any_text = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=30)
pieces = st.sampled_from(TRICKY) | any_text | any_bytes
values = st.lists(pieces, max_size=3).map("".join)
names = st.from_regex(r"T_[A-Za-z0-9_]{0,12}", fullmatch=True)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def run(
    shell: Sequence[str], arguments: Sequence[str], environment: Mapping[str, str],
    files: Mapping[str, bytes], prologue: str | None = None,
) -> tuple[bytes, JobRecord]:  # fmt: skip
    """What the pilot printed, and its end on record."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "in").mkdir()
        for name, content in files.items():
            (place / "in" / name).write_bytes(content)
        inputs = tuple(InputFile(name, "0" * 64) for name in files)
        request = BatchRequest(
            "haaaaaaaaaaaaaa", inputs[0].name, inputs, 60, arguments=tuple(arguments),
            environment=environment, prologue=prologue,
        )  # fmt: skip
        (place / "job.sh").write_bytes(encoded("#!/bin/sh\n" + wrapper(request, folder)))
        log = subprocess.run(
            [*shell, place / "job.sh"], env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL,
            capture_output=True, check=False, timeout=20,
        )  # fmt: skip
        assert log.stdout + log.stderr == b""
        record = job_record(None, (place / "exit").read_text())
        assert record.exit_code == log.returncode
        return (place / "stdout").read_bytes(), record


@settings(unhurried, max_examples=40)
@given(st.sampled_from(SHELLS), st.lists(values, max_size=5), st.dictionaries(names, values, max_size=5))
def test_arguments_and_environment_arrive_unchanged(
    shell: list[str], arguments: list[str], environment: dict[str, str]
) -> None:
    output, record = run(shell, arguments, environment, {"pilot.sh": SHOWS})
    count, *words = output.split(b"\0")[:-1]
    assert (record.exit_code, record.error) == (0, None)
    assert words[: int(count)] == [encoded(argument) for argument in arguments]
    came = dict(word.split(b"=", 1) for word in words[int(count) :])
    assert {name: came[name.encode()] for name in environment} == {
        name: encoded(value) for name, value in environment.items()
    }
    assert int(count) == len(arguments)


def test_each_tricky_text_arrives_in_each_shell() -> None:
    for shell in SHELLS:
        output, _ = run(shell, TRICKY, {}, {"pilot.sh": SHOWS})
        assert output.split(b"\0")[1 : len(TRICKY) + 1] == [encoded(text) for text in TRICKY]


@settings(unhurried, max_examples=15)
@given(st.sampled_from(SHELLS), st.binary(max_size=3000))
def test_files_arrive_unchanged(shell: list[str], content: bytes) -> None:
    output, _ = run(shell, [], {}, {"pilot.sh": b"#!/bin/sh\ncat data\n", "data": content})
    assert output == content


@settings(unhurried, max_examples=40)
@given(st.sampled_from(SHELLS), values)
def test_no_text_of_a_prologue_gets_out_of_it(shell: list[str], text: str) -> None:
    """What is behind the `exit` is never run: it may be anything."""
    output, record = run(shell, [], {}, {"pilot.sh": SHOWS}, prologue=f"exit 3\n{text}")
    assert (output, record.error) == (
        b"", f"{PROLOGUE_FAILED}exit code 3 before the pilot began; what it printed is in stderr",
    )  # fmt: skip


@unhurried
@given(st.none() | st.text(), st.none() | st.text())
def test_no_record_makes_the_reader_fail(start: str | None, end: str | None) -> None:
    record = job_record(start, end)
    assert record.ended == (record.exit_code is not None)


@unhurried
@given(st.integers(0, 255), st.integers(0, 10**12 - 1), st.integers(0, 10**12 - 1))
def test_a_record_is_read_back(code: int, time: int, size: int) -> None:
    record = job_record(f"time={time}\nhost=n1\njob=4711\n", f"code={code}\ntime={time}\nstdout={size}\n")
    assert (record.started_at, record.node, record.batch_id) == (time, "n1", "4711")
    assert (record.exit_code, record.ended_at, record.sizes) == (code, time, {"stdout": size})
