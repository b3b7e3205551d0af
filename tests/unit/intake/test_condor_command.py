"""Arguments and environment: HTCondor's old syntax and its new one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.routing.htcondor.command import Unreadable, arguments_of, environment_of, words

plain = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=20)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True)


def quoted(word: str) -> str:
    """As condor_submit writes a word of the new syntax."""
    return "'" + word.replace("'", "''") + "'"


def half_quoted(word: str) -> str:
    """Only what needs it is quoted: `a' 'b`."""
    # A whole run of such characters in one pair of quotes: two pairs side by side would be an escaped quote.
    return re.sub(r"[ '\t\n\r\v\f]+", lambda run: quoted(run[0]), word) or "''"


@given(st.lists(plain), st.sampled_from([quoted, half_quoted]), st.sampled_from([" ", "  ", "\t", " \n "]))
def test_words_of_the_new_syntax_come_back(some: list[str], write: object, blank: str) -> None:
    assert callable(write)
    assert words(blank.join(write(word) for word in some)) == some


@given(st.text(alphabet="a' "))
def test_only_an_open_quote_is_refused(text: str) -> None:
    if text.count("'") % 2:
        with pytest.raises(Unreadable, match="never closed"):
            words(text)
    else:
        assert "".join(words(text)).count("a") == text.count("a")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("   ", []),
        ("''", [""]),
        ("a '' b", ["a", "", "b"]),
        ("'a b'c' d'", ["a bc d"]),
        ("''''", ["'"]),
        ("don''t", ["dont"]),
        ("'don''t'", ["don't"]),
        ('"a" b', ['"a"', "b"]),
        ("a\\ b", ["a\\", "b"]),
    ],
)
def test_the_manual_s_rules(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize("text", ["'", "a 'b", "'''", "a ''' b"])
def test_an_open_quote_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="never closed"):
        words(text)


@given(st.lists(st.text(alphabet="ab,.'\"\\$=;", min_size=1, max_size=8)))
def test_arguments_of_the_old_syntax_are_parted_by_blanks_and_by_nothing_else(some: list[str]) -> None:
    assert arguments_of({"Args": "  ".join(some)}) == tuple(some)


def test_the_new_syntax_wins() -> None:
    assert arguments_of({"Args": "old", "Arguments": "'new one'"}) == ("new one",)
    assert environment_of({"Env": "A=old", "Environment": "A=new"}) == {"A": "new"}


def test_a_job_without_arguments_and_environment() -> None:
    assert arguments_of({}) == ()
    assert arguments_of({"Args": 5}) == ()
    assert environment_of({}) == {}
    assert environment_of({"Environment": ""}) == {}
    assert environment_of({"Env": ""}) == {}


@given(st.dictionaries(names, plain))
def test_environment_of_the_new_syntax(wanted: dict[str, str]) -> None:
    assert environment_of({"Environment": " ".join(quoted(f"{n}={v}") for n, v in wanted.items())}) == wanted


@given(st.dictionaries(names, st.text(alphabet="ab =.'\"|", max_size=8)), st.sampled_from([";", "|"]))
def test_environment_of_the_old_syntax(wanted: dict[str, str], delimiter: str) -> None:
    wanted = {name: value for name, value in wanted.items() if delimiter not in value}
    text = delimiter.join(f"{name}={value}" for name, value in wanted.items())
    assert environment_of({"Env": text, "EnvDelim": delimiter}) == wanted
    if delimiter == ";":
        assert environment_of({"Env": text}) == wanted


@pytest.mark.parametrize("text", ["A", "=b", "A=1;B", "A=1;=2"])
def test_variables_need_a_name_and_a_value(text: str) -> None:
    with pytest.raises(Unreadable, match="NAME=value"):
        environment_of({"Env": text})


@given(st.dictionaries(st.sampled_from(["Args", "Arguments", "Env", "Environment", "EnvDelim"]), plain))
def test_whatever_the_ad_says(ad: dict[str, str]) -> None:
    for read in (arguments_of, environment_of):
        try:
            found = read(ad)
        except Unreadable:
            continue
        assert all(isinstance(word, str) for word in found)
