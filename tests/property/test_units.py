"""Durations and memory: what is written is read back, and what is not in the grammar is refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.site.errors import BadValue
from hosted_ce.site.units import (
    DURATION_PATTERN,
    MEMORY_PATTERN,
    format_duration,
    format_memory,
    parse_duration,
    parse_memory,
)

SECONDS = st.integers(min_value=0, max_value=36_500 * 86_400)
MEGABYTES = st.integers(min_value=0, max_value=2**40)


@given(SECONDS)
def test_a_duration_is_read_back(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(SECONDS)
def test_slurms_own_form_is_read_as_slurm_means_it(seconds: int) -> None:
    hours, rest = divmod(seconds % 86_400, 3_600)
    clock = f"{seconds // 86_400}-{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    assert parse_duration(clock) == seconds


@given(SECONDS, SECONDS, st.sampled_from([("d", "h"), ("h", "m"), ("m", "s"), ("d", "s")]))
def test_the_parts_of_a_duration_add_up(first: int, second: int, units: tuple[str, str]) -> None:
    first, second = first % 10**4, second % 10**4
    both = parse_duration(f"{first}{units[0]} {second}{units[1]}")
    assert both == parse_duration(f"{first}{units[0]}") + parse_duration(f"{second}{units[1]}")


@given(MEGABYTES)
def test_memory_is_read_back(megabytes: int) -> None:
    assert parse_memory(format_memory(megabytes)) == megabytes


@given(st.integers(min_value=0, max_value=10**6))
def test_a_gigabyte_is_1024_megabytes_however_it_is_written(amount: int) -> None:
    spellings = [f"{amount} GB", f"{amount}G", f"{amount}GiB", f"{amount * 1024} MB", f"{amount}.0 GB"]
    assert {parse_memory(text) for text in spellings} == {amount * 1_024}
    assert parse_memory(f"{amount}T") == parse_memory(f"{amount * 1024}G")


@given(st.from_regex(DURATION_PATTERN, fullmatch=True))
def test_whatever_the_schema_allows_as_a_duration_is_read_or_too_long(text: str) -> None:
    assert refusal_of(parse_duration, text) in (None, "is too long")


@given(st.from_regex(MEMORY_PATTERN, fullmatch=True))
def test_whatever_the_schema_allows_as_memory_is_read_or_out_of_range(text: str) -> None:
    assert refusal_of(parse_memory, text) in (None, "is too much", "is not a whole number of MB")


def refusal_of(parse: Callable[[str], int], text: str) -> str | None:
    try:
        parse(text)
    except BadValue as error:
        return error.message.rpartition('" ')[2]
    return None


@given(st.one_of(st.text(), st.from_regex(r"[0-9dhms:. -]{1,12}", fullmatch=True)))
def test_whatever_else_is_refused_as_a_duration_with_a_hint(text: str) -> None:
    if re.fullmatch(DURATION_PATTERN, text.strip()):
        return
    with pytest.raises(BadValue) as raised:
        parse_duration(text)
    assert raised.value.hint
    assert "\n" not in str(raised.value)


@given(st.one_of(st.text(), st.from_regex(r"[0-9MGTBi. -]{1,12}", fullmatch=True)))
def test_whatever_else_is_refused_as_memory_with_a_hint(text: str) -> None:
    if re.fullmatch(MEMORY_PATTERN, text.strip()):
        return
    with pytest.raises(BadValue) as raised:
        parse_memory(text)
    assert raised.value.hint
    assert "\n" not in str(raised.value)


@given(st.integers(min_value=0, max_value=10**12))
def test_a_bare_number_is_refused_as_both_with_ways_to_write_it(number: int) -> None:
    for parse, example in ((parse_duration, f"{number}h"), (parse_memory, f"{number} GB")):
        with pytest.raises(BadValue, match=f"^{number} has no unit; write {example}"):
            parse(str(number))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("72h", 259_200),
        ("3d", 259_200),
        ("90m", 5_400),
        ("30s", 30),
        ("1d 12h", 129_600),
        ("1d12h", 129_600),
        (" 2 h 5 m ", 7_500),
        ("3-00:00:00", 259_200),
        ("72:00:00", 259_200),
        ("0s", 0),
    ],
)
def test_the_forms_of_a_duration(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "h",
        "-3h",
        "1.5h",
        "3 hours",
        "3H",
        "12h 1d",
        "1h 1h",
        "1:60:00",
        "1:00:60",
        "3-00",
        "٣h",
        "3h\n4m",
    ],
)
def test_texts_that_are_not_durations(text: str) -> None:
    with pytest.raises(BadValue, match="is not a duration; write 72h, 90m or 3d"):
        parse_duration(text)


def test_hours_and_minutes_are_not_told_apart_by_guessing() -> None:
    with pytest.raises(BadValue, match=r'^"01:30" can mean two things; write 1h 30m or 1m 30s$'):
        parse_duration("01:30")


@pytest.mark.parametrize(
    ("text", "megabytes"),
    [
        ("32 GB", 32_768),
        ("32G", 32_768),
        ("2048 MB", 2_048),
        ("1.5 TB", 1_572_864),
        ("0.5 GB", 512),
        ("7MiB", 7),
    ],
)
def test_the_forms_of_memory(text: str, megabytes: int) -> None:
    assert parse_memory(text) == megabytes


@pytest.mark.parametrize(
    "text", ["", "GB", "-1 GB", "32 gb", "32 Gb", "1 KB", "1,5 GB", "1e3 MB", "32 GB each"]
)
def test_texts_that_are_not_memory(text: str) -> None:
    with pytest.raises(BadValue, match=r"is not an amount of memory; write 32 GB, 2048 MB or 1\.5 TB"):
        parse_memory(text)


def test_a_part_of_a_megabyte_is_refused_with_the_nearest_amounts() -> None:
    with pytest.raises(BadValue, match=r'^"0\.1 GB" is not a whole number of MB; write 102 MB or 103 MB$'):
        parse_memory("0.1 GB")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (259_200, "3d"), (129_600, "1d 12h"), (90, "1m 30s"), (86_399, "23h 59m 59s")],
)
def test_durations_are_written_in_their_largest_units(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("megabytes", "text"),
    [(0, "0 MB"), (2_000, "2000 MB"), (16_384, "16 GB"), (1_572_864, "1536 GB"), (2**21, "2 TB")],
)
def test_memory_is_written_in_the_largest_unit_that_keeps_it_whole(megabytes: int, text: str) -> None:
    assert format_memory(megabytes) == text


def test_beyond_all_reason_is_refused_with_the_most_that_is_possible() -> None:
    with pytest.raises(BadValue, match=r'^"36500d 1s" is too long; the most is 36500d$'):
        parse_duration("36500d 1s")
    with pytest.raises(BadValue, match=r'^"1048577 TB" is too much; the most is 1048576 TB$'):
        parse_memory("1048577 TB")


def test_there_is_no_negative_duration_or_memory() -> None:
    with pytest.raises(ValueError, match="cannot be negative: -1 s"):
        format_duration(-1)
    with pytest.raises(ValueError, match="cannot be negative: -1 MB"):
        format_memory(-1)
