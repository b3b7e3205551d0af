"""What a pilot request may say: each thing that is wrong is told, so that its sender can mend it."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from pydantic import ValidationError

from hosted_ce.pilots.spec import (
    MAX_ATTRIBUTES,
    MAX_COMMAND,
    MAX_FILES,
    MAX_STRING,
    FileRef,
    PilotSpec,
    file_name,
)

SHA256 = "0" * 64
FILE = {"name": "run.sh", "sha256": SHA256, "executable": True}


def spec(**changed: Any) -> PilotSpec:
    return PilotSpec.model_validate({"executable": "run.sh", "inputs": [FILE], **changed})


def with_attributes(**attributes: Any) -> PilotSpec:
    return spec(attributes=attributes)


def refusal(**changed: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        spec(**changed)
    return "; ".join(error["msg"] for error in caught.value.errors())


def test_the_least_that_a_request_must_say() -> None:
    made = spec()
    assert (made.arguments, made.environment, made.attributes) == ((), {}, {})
    assert made.inputs == (FileRef(name="run.sh", sha256=SHA256, executable=True),)


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        spec().executable = "other"  # type: ignore[misc]


def test_unknown_fields_are_refused() -> None:
    assert "Extra inputs are not permitted" in refusal(exceutable="run.sh")
    assert "Extra inputs are not permitted" in refusal(inputs=[{**FILE, "mode": 7}])


@pytest.mark.parametrize("name", ["run.sh", "a", "A_b.c+d=e@f,g-h", "9", "_x", "x" * 200])
def test_file_names_that_are_taken(name: str) -> None:
    assert file_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", ".hidden", "-rf", "a/b", "/etc/passwd", "../x", "a b", "a\n", "a\0b", "a;b", "a$b",
        "a'b", 'a"b', "a\\b", "a*", "é", "=x", "a\x7f", "x\udce9",
    ],
)  # fmt: skip
def test_file_names_that_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a file name: use letters, digits"):
        file_name(name)


def test_a_file_name_that_is_too_long_is_told_by_its_length() -> None:
    assert "201 characters is too long; at most 200" in refusal(inputs=[{**FILE, "name": "x" * 201}])


@pytest.mark.parametrize(
    "sha256", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n", " " + "0" * 63]
)
def test_what_is_no_checksum_is_refused(sha256: str) -> None:
    assert "String should match pattern" in refusal(inputs=[{**FILE, "sha256": sha256}])


def test_the_executable_is_one_of_the_inputs() -> None:
    assert "the executable 'other.sh' is not among the input files" in refusal(executable="other.sh")


@pytest.mark.parametrize("named", [{"credentials": ("token",)}, {"proxy": "token"}])
def test_credentials_are_among_the_inputs(named: dict[str, Any]) -> None:
    assert "credentials are not among the input files: token" in refusal(**named)


def test_no_file_is_given_twice() -> None:
    assert "input files are given twice: run.sh" in refusal(inputs=[FILE, FILE])


def test_there_are_some_files_and_not_too_many() -> None:
    assert "at least 1 item" in refusal(inputs=[])
    many = [{**FILE, "name": f"f{n}"} for n in range(MAX_FILES)]
    assert "at most 100 items" in refusal(inputs=[FILE, *many])
    assert len(spec(inputs=[FILE, *many[1:]]).inputs) == MAX_FILES


@pytest.mark.parametrize("argument", ["", "a b", "$(reboot)", "`x`", "line\nbreak", "'", '"', "☃", "-"])
def test_arguments_are_any_text(argument: str) -> None:
    assert spec(arguments=[argument], environment={"A": argument}).arguments == (argument,)


def test_no_nul_in_arguments_and_environment() -> None:
    said = "cannot contain a NUL character"
    assert said in refusal(arguments=["a\0b"])
    assert said in refusal(environment={"A": "a\0b"})


def test_arguments_and_environment_have_a_limit_in_bytes() -> None:
    room = MAX_COMMAND - 1
    assert spec(arguments=["x" * room])
    assert "131073 bytes are too long; at most 131072" in refusal(arguments=["x" * room, ""])
    assert "are too long" in refusal(arguments=["☃" * (room // 2)])
    assert "are too long" in refusal(environment={"A": "x" * room})


@pytest.mark.parametrize(
    "name", ["", "1A", "A-B", "A B", "A=B", "A\n", "A;B", "é", "x" * 129, "BASH_FUNC_x%%"]
)
def test_names_that_no_environment_variable_has(name: str) -> None:
    assert "cannot be an environment variable's name" in refusal(environment={name: "1"})


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a b", "a=b", "a\n", "a.b", "é", "x" * 129])
def test_names_that_no_attribute_has(name: str) -> None:
    assert "cannot be a ClassAd attribute's name" in refusal(attributes={name: 1})


def test_attributes_that_we_know_get_their_usual_spelling() -> None:
    made = with_attributes(XCOUNT=4, maxmemory=1, QUEUE="osg", wantwholenode=True, Mine=1)
    expected = {"xcount": 4, "maxMemory": 1, "queue": "osg", "WantWholeNode": True, "Mine": 1}
    assert made.attributes == expected


@pytest.mark.parametrize("names", [("xcount", "XCount"), ("mine", "MINE"), ("Queue", "queue")])
def test_names_that_differ_in_case_alone_are_one_name_given_twice(names: tuple[str, str]) -> None:
    value = "osg" if "queue" in names else 1
    assert "is given twice (names are case-insensitive)" in refusal(attributes=dict.fromkeys(names, value))


@pytest.mark.parametrize("name", ["xcount", "maxMemory", "maxWallTime", "BatchRuntime", "RequestCpus"])
@pytest.mark.parametrize("value", [0, -1, 1.0, 1.5, True, "8", 2**31, 2**70, math.nan])
def test_amounts_are_whole_and_positive(name: str, value: object) -> None:
    said = refusal(attributes={name: value})
    assert f"attribute {name}: {value!r} is not a whole number of at least 1" in said


@pytest.mark.parametrize("value", [-1, True, "0", 0.0])
def test_gpus_are_whole_and_may_be_none(value: object) -> None:
    assert with_attributes(RequestGPUs=0).attributes["RequestGPUs"] == 0
    said = refusal(attributes={"RequestGPUs": value})
    assert f"attribute RequestGPUs: {value!r} is not a whole number of at least 0" in said


@pytest.mark.parametrize("value", [0, 1, "true", "yes", 1.0])
def test_whole_nodes_are_wanted_or_not(value: object) -> None:
    assert "is not true or false" in refusal(attributes={"WantWholeNode": value})


@pytest.mark.parametrize("name", ["queue", "project", "BatchQueue", "BatchProject"])
@pytest.mark.parametrize(
    "value",
    [
        "", "a b", "a;reboot", "$(id)", "`id`", "a|b", "a>b", "a&b", "-p", "a'b", "a\nb", "osg\n", "é",
        "x" * 129, 7,
    ],
)  # fmt: skip
def test_words_for_the_site_have_nothing_that_a_shell_or_a_batch_system_reads(
    name: str, value: object
) -> None:
    assert "is not a name: use letters, digits and any of _.@:+-" in refusal(attributes={name: value})


@pytest.mark.parametrize("value", ["osg", "a.b_c", "lhc@cluster", "part:1", "A+b-c", "9", "_q", "x" * 128])
def test_words_for_the_site_that_are_taken(value: str) -> None:
    assert with_attributes(queue=value).attributes["queue"] == value


@pytest.mark.parametrize("bad", ["\n", "\r", "\t", "\0", "\x1b", "\x7f", "\u0085", "\u2028", "\u2029"])
def test_texts_have_no_control_characters(bad: str) -> None:
    said = refusal(attributes={"note": f"ab{bad}c"})
    assert f"the text has a control character (U+{ord(bad):04X}) at position 2" in said


def test_texts_have_a_limit() -> None:
    assert with_attributes(note="x" * MAX_STRING)
    assert "a text of 4097 characters is too long; at most 4096" in refusal(attributes={"note": "x" * 4097})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_are_numbers(value: float) -> None:
    assert "is not a number that a ClassAd can hold" in refusal(attributes={"note": value})


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 2**70, 10**4000])
def test_integers_fit_in_64_bits(value: int) -> None:
    said = refusal(attributes={"note": value})
    assert "does not fit in 64 bits" in said
    assert len(said) < 300  # what is shown of it is bounded


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 1.5, -0.0, True, False, "", "☃ \\ \" '"])
def test_values_stay_what_they_are(value: object) -> None:
    found = with_attributes(note=value).attributes["note"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("value", [None, [1], {"a": 1}])
def test_attributes_are_plain_values(value: object) -> None:
    assert refusal(attributes={"note": value})


def test_there_are_not_too_many_attributes() -> None:
    assert with_attributes(**{f"a{n}": n for n in range(MAX_ATTRIBUTES)})
    said = refusal(attributes={f"a{n}": n for n in range(MAX_ATTRIBUTES + 1)})
    assert "501 attributes are too many; at most 500" in said


def test_a_request_with_very_many_attributes_is_refused_in_no_time() -> None:
    many = {f"a{n}": n for n in range(20_000)}
    began = time.process_time()
    assert "too many" in refusal(attributes=many)
    assert time.process_time() - began < 5  # with the square of their number it would be minutes


@pytest.mark.parametrize(
    "changed",
    [
        {"arguments": ["\ud800"]},
        {"environment": {"A": "\udce9"}},
        {"attributes": {"note": "\udce9"}},
        {"attributes": {"n\udce9": 1}},
        {"executable": "\ud800"},
    ],
    ids=ascii,
)
def test_texts_that_are_no_unicode_are_refused(changed: dict[str, Any]) -> None:
    assert refusal(**changed)


@pytest.mark.parametrize("body", [None, 1, "x", [], [FILE], {}, {"attributes": 1}, {"attributes": {1: 2}}])
def test_what_is_no_request_at_all_is_refused(body: object) -> None:
    with pytest.raises(ValidationError):
        PilotSpec.model_validate(body)
