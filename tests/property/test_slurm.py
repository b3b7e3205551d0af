"""The Slurm codec never raises on what it reads, never invents, and never lets data become a directive."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bosco.batch.model import BatchRequest, CommandResult, InputFile, Listing, Phase
from bosco.batch.slurm.codec import SEPARATOR, Slurm
from bosco.errors import Failed, Interrupted
from tests.fakes.dialogue import told

SLURM = Slurm()
VERDICT = b"sbatch: error: Batch job submission failed: "
unhurried = settings(deadline=None)  # a busy machine is no failure
stamps = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=14, max_size=14).map("h".__add__)
fields = st.text(st.characters(exclude_characters="\x1f\n", codec="utf-8"), max_size=30)
states = fields | st.sampled_from(
    ["PENDING", "RUNNING", "COMPLETED", "CANCELLED by 1000", "TIMEOUT", "COMPLETING", "LATER_STATE", "", "PD"]
)
odd_times = st.sampled_from(
    [
        "UNLIMITED",
        "NOT_SET",
        "Partition_Limit",
        "None",
        "(null)",
        "Unknown",
        "N/A",
        "INVALID",
        "0",
        "-1",
        "1e9",
    ]
)
times = odd_times | st.integers(0, 10**25).map(str) | fields
resources = fields | st.lists(
    st.tuples(
        st.sampled_from(["cpu", "mem", "node", "billing", "gres/gpu", "gres/gpu:a100", ""]),
        st.sampled_from(["8", "16G", "1.50T", "3000M", "", "0", "x", "-1", "9" * 20]),
    ).map("=".join)
).map(",".join)
limits = times | st.sampled_from(["3-00:00:00", "10:00", "0:30", "1-", "Partition_Limit", ":", "99:99:99"])
listed_rows = st.tuples(
    fields,
    stamps,
    states,
    fields,
    times,
    times,
    times,
    fields | times,
    fields,
    resources,
    limits,
    fields,
    fields,
    fields,
)
accounted_rows = st.tuples(
    fields,
    stamps,
    states,
    fields | times,
    times,
    times,
    times,
    fields,
    resources,
    limits,
    fields,
    fields,
    fields,
)
foreign_names = fields.filter(lambda name: not (len(name.strip()) == 15 and name.strip().startswith("h")))


def squeue(rows: Sequence[Sequence[str]]) -> CommandResult:
    lines = ["".join(field + SEPARATOR for field in row) + "\n" for row in rows]
    return CommandResult(0, "".join(lines).encode())


def sacct(rows: Sequence[Sequence[str]]) -> CommandResult:
    return CommandResult(0, "".join(SEPARATOR.join(row) + "\n" for row in rows).encode())


def listed(result: CommandResult) -> Listing:
    return told(SLURM.listing("hce-site"), result)


def accounted(result: CommandResult) -> Listing:
    return told(SLURM.accounting("hce-site", 0, batch_ids=["1"]), result)


@unhurried
@given(st.lists(listed_rows, max_size=5))
def test_SL18_SL25_each_of_our_rows_is_one_observation(rows: list[tuple[str, ...]]) -> None:
    listing = listed(squeue(rows))
    assert listing.complete
    assert [job.stamp for job in listing.observations] == [row[1] for row in rows]
    assert [job.batch_id for job in listing.observations] == [row[0].strip() for row in rows]
    assert [job.site_state for job in listing.observations] == [row[2].strip() for row in rows]


@unhurried
@given(st.lists(accounted_rows, max_size=5))
def test_SL9_SL25_each_recorded_row_is_one_observation(rows: list[tuple[str, ...]]) -> None:
    asked = [*(row[1] for row in rows), "haaaaaaaaaaaaaa"]  # or an id with _ is of an array's other task
    answer = told(SLURM.accounting("hce-site", 0, stamps=asked), sacct(rows))
    assert answer.complete
    assert [job.stamp for job in answer.observations] == [row[1] for row in rows]


@unhurried
@given(listed_rows, st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=20))
def test_SL11_a_state_that_we_do_not_know_is_no_end(row: tuple[str, ...], state: str) -> None:
    known = listed(squeue([(*row[:2], state, *row[3:])])).observations[0]
    [job] = listed(squeue([(*row[:2], f"NEW_{state}", *row[3:])])).observations
    assert (job.phase, job.cause, job.exit_code, job.ended_at) == (Phase.UNKNOWN, None, None, None)
    assert (known.phase is Phase.ENDED) == (known.cause is not None)


@unhurried
@given(st.lists(listed_rows, max_size=3), st.lists(st.tuples(foreign_names, listed_rows), max_size=3))
def test_SL19_SL21_other_jobs_change_nothing(
    ours: list[tuple[str, ...]], others: list[tuple[str, tuple[str, ...]]]
) -> None:
    foreign = [(row[0], name, *row[2:]) for name, row in others]
    alone, among = listed(squeue(ours)), listed(squeue([*foreign, *ours]))
    assert among.observations == alone.observations
    assert among.complete


@unhurried
@given(st.lists(listed_rows, max_size=3), st.binary(min_size=1, max_size=30))
def test_SL19_a_row_that_cannot_be_read_makes_the_listing_incomplete_and_hides_no_other(
    rows: list[tuple[str, ...]], bad: bytes
) -> None:
    assume(bad.replace(b"\n", b"") and b"\x1f" not in bad)
    whole = squeue(rows)
    listing = listed(CommandResult(0, bad + b"\n" + whole.stdout))
    assert not listing.complete
    assert listing.observations == listed(whole).observations


@unhurried
@given(st.integers(-20, 255), st.binary(max_size=200), st.binary(max_size=200), st.booleans())
def test_SS10_no_bytes_make_the_codec_raise(code: int, stdout: bytes, stderr: bytes, whole: bool) -> None:
    result = CommandResult(code, stdout, stderr, whole)
    for listing in (listed(result), accounted(result)):
        if code or not whole:
            assert not listing.observations
    with contextlib.suppress(Failed, Interrupted):
        assert SLURM.submitted(result).isdigit()


noises = st.lists(
    st.binary(max_size=60).map(lambda noise: noise.replace(b"Batch job", b""))
    | st.sampled_from(
        [
            b"sbatch: error: QOSMaxSubmitJobPerUserLimit",
            b"sbatch: error: Invalid --time specification",
            b"No such file or directory",
            VERDICT + b"Invalid qos specification",
            VERDICT + b"Unable to contact slurm controller (connect failure)",
        ]
    ),
    max_size=4,
)


@unhurried
@given(noises, noises, st.sampled_from([b"\n", b"\r\n", b""]), st.integers(1, 255))
def test_SL12_nothing_printed_makes_a_clear_no_of_a_doubt(
    before: list[bytes], after: list[bytes], between: bytes, code: int
) -> None:
    doubt = VERDICT + b"Socket timed out on send/recv operation"
    try:
        answer = SLURM.submitted(CommandResult(code, b"", between.join([*before, doubt, *after])))
    except Interrupted:
        return
    raise AssertionError(answer)


@unhurried
@given(noises, st.integers(1, 10**9))
def test_SL13_success_and_an_id_win_over_anything_printed(noise: list[bytes], number: int) -> None:
    result = CommandResult(0, b"%d\n" % number, b"\n".join(noise))
    assert SLURM.submitted(result) == str(number)


texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=60) | st.sampled_from(
    ["\n#SBATCH --uid=0\n", "\r\n", "\r", "x\r\ny", "\n#!/bin/sh\r\n"]
)


@unhurried
@given(
    st.lists(texts, max_size=4),
    st.dictionaries(st.from_regex(r"T_[A-Z]{1,8}", fullmatch=True), texts, max_size=3),
)
def test_a_pilots_own_text_becomes_no_directive_and_no_script_that_sbatch_refuses(
    arguments: list[str], environment: dict[str, str]
) -> None:
    plain = BatchRequest("haaaaaaaaaaaaaa", "pilot.sh", (InputFile("pilot.sh", "0" * 64),), walltime_s=60)
    request = BatchRequest(
        plain.stamp, plain.executable, plain.inputs, 60, arguments=tuple(arguments), environment=environment
    )
    script = SLURM.script(request, "/spool/pilots/haaaaaaaaaaaaaa")
    assert directives(script) == directives(SLURM.script(plain, "/spool/pilots/haaaaaaaaaaaaaa"))
    assert b"\r\n" not in script, "sbatch refuses what looks like a file from DOS"


def directives(script: bytes) -> list[bytes]:
    """As sbatch reads them: up to the first command."""
    lines = script.split(b"\n")
    first = next(n for n, line in enumerate(lines) if line.strip() and not line.startswith(b"#"))
    return [line for line in lines[:first] if line.startswith(b"#SBATCH")]


@unhurried
@given(st.integers(1, 10**7), st.integers(1, 512), st.integers(1, 10**7))
def test_what_is_asked_is_never_less_than_what_the_pilot_needs(walltime: int, cpus: int, memory: int) -> None:
    request = BatchRequest("haaaaaaaaaaaaaa", "p", (InputFile("p", "0" * 64),), walltime, cpus, memory)
    asked = dict(
        line[len("#SBATCH --") :].partition("=")[::2] for line in text(request).split("\n") if "=" in line
    )
    assert walltime <= int(asked["time"]) * 60 < walltime + 60
    assert (asked["cpus-per-task"], asked["mem"]) == (str(cpus), f"{memory}M")
    assert ("signal" in asked) == (walltime >= 3600)


def text(request: BatchRequest) -> str:
    return b"\n".join(directives(SLURM.script(request, "/f"))).decode()
