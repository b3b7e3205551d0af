"""Whatever is answered, in whatever order and with whatever left open: there is a site file that says so."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hosted_ce.mailable import as_html, as_text
from hosted_ce.site.errors import BadValue
from hosted_ce.site.load import read_site_text
from hosted_ce.site.positions import parse_yaml
from hosted_ce.site.units import format_duration, format_memory
from hosted_ce.site_init.kinds import read_answer, split_login
from hosted_ce.site_init.letter import Enclosed, letter_markdown
from hosted_ce.site_init.open_items import open_items
from hosted_ce.site_init.question import NONE, UNKNOWN, Question, Value
from hosted_ce.site_init.questions.names import CONTAINERS
from hosted_ce.site_init.reading import answers_text, read_answers
from hosted_ce.site_init.site_text import site_text
from hosted_ce.site_init.standing import asked, conflict, next_question
from tests.unit.test_site_init.cases import FILES, LINE

WORDS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,20}", fullmatch=True)
HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z0-9]{1,8}){0,3}", fullmatch=True)
FOLDERS = st.from_regex(r"(/[A-Za-z0-9_+@-]{1,8}){1,4}", fullmatch=True)
MAILS = st.from_regex(r"[a-z.+_'`#]{1,8}@[a-z0-9.-]{1,8}", fullmatch=True)
PORTS = st.integers(1, 65535)
BASE64 = st.text("ABCDEFGabcdefg0123456789+/", min_size=43, max_size=43)
NETWORKS = st.ip_addresses().map(str) | st.sampled_from(["192.0.2.0/28", "2001:db8::/48"])
ANSWERS: dict[str, st.SearchStrategy[Any]] = {
    "truth": st.sampled_from(["yes", "no", True, False]),
    "topology": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,20}[A-Za-z0-9]", fullmatch=True),
    "emails": st.lists(MAILS, min_size=1, max_size=3),
    "logins": st.lists(HOSTS | st.builds("{}:{}".format, HOSTS, PORTS), min_size=1, max_size=3),
    "logins_or_none": st.just(NONE) | st.lists(HOSTS, min_size=1, max_size=3),
    "addresses": st.lists(NETWORKS, min_size=1, max_size=3),
    "fingerprints": st.lists(BASE64.map("SHA256:{}".format), min_size=1, max_size=3),
    "account": st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,10}", fullmatch=True),
    "word": WORDS,
    "word_or_none": WORDS | st.just(NONE),
    "spool": FOLDERS | FOLDERS.map("~{}".format),
    "folder": FOLDERS,
    "folder_or_none": FOLDERS | st.just(NONE),
    "path": FOLDERS | st.just("/a folder/with #: in it"),
    "host_port_or_none": st.builds("{}:{}".format, HOSTS, PORTS) | st.just(NONE),
    "public_host": HOSTS,
    "issuer": st.from_regex(r"https://[a-z0-9.]{1,8}/[A-Za-z0-9_.~:/%@+=&?-]{0,8}", fullmatch=True),
    "cores": st.integers(1, 512) | st.integers(1, 512).map(str),
    "gpus": st.integers(0, 3),
    "number": st.integers(1, 10_000),
    "memory": st.integers(1, 4_000_000).map(format_memory),
    "walltime": st.integers(60, 10_000_000).map(format_duration),
}
ALWAYS_POSSIBLE = {"shared": "home", "cpus": "1", "memory": "512 GB", "idle": "1"}


@st.composite
def interviews(draw: st.DrawFn) -> dict[str, Value]:
    """What is answered to the questions, as they are asked."""
    answers: dict[str, Value] = {}
    while question := next_question(answers):
        answers[question.id] = draw(_answers_to(question, answers))
    return answers


@st.composite
def _answers_to(draw: st.DrawFn, question: Question, answers: dict[str, Value]) -> Value:
    """One that nothing before contradicts: a person is asked until there is one."""
    choices = st.sampled_from(sorted(question.choices)) if question.choices else ANSWERS[question.kind]
    default = question.default(answers)
    known = choices if default is None else choices | st.just(default)
    written = draw(known | st.just(UNKNOWN) if question.unknown else known)
    try:
        value = read_answer(question, written)
    except BadValue:  # such as the account root
        value = read_answer(question, question.example)
    contradicts = conflict(question.id, {**answers, question.id: value})
    return read_answer(question, ALWAYS_POSSIBLE[question.id]) if contradicts else value


@settings(max_examples=50)
@given(interviews())
def test_any_answers_give_a_site_file_that_loads_and_says_the_same(answers: dict[str, Value]) -> None:
    if answers["option"] == CONTAINERS:
        return
    text = site_text(answers, FILES)
    reading = read_site_text(text)
    assert reading.problems == ()
    data = parse_yaml(text).data
    for question in asked(answers):
        if question.place:
            assert _found(data, question) == _expected(question, answers[question.id]), question.id


def _found(site: Any, question: Question) -> object:
    """What the site file has at the question's place; None: nothing."""
    at: Any = {**site, "routes": {route["name"]: route for route in site["routes"]}}
    at["issuers"] = at["issuers"][0] if "issuers" in at else {}
    for key in question.place:
        at = at.get(key) if isinstance(at, dict) else None
    return at


def _expected(question: Question, value: Value) -> object:
    if value == UNKNOWN:
        value = question.stands_in if question.stands_in is not None else NONE
    if value == NONE or value is False or value == 0:
        return None
    if question.kind in {"logins", "logins_or_none"}:
        assert isinstance(value, list)
        ports = [split_login(each) for each in value]
        return [{"host": host} if port == 22 else {"host": host, "port": port} for host, port in ports]
    return [value] if question.kind == "folder_or_none" else value


@settings(max_examples=50)
@given(interviews())
def test_any_answers_are_kept_as_they_are(answers: dict[str, Value]) -> None:
    assert read_answers(answers_text(answers)) == (answers, [])


@settings(max_examples=50)
@given(interviews())
def test_any_answers_give_a_letter_with_all_that_is_open(answers: dict[str, Value]) -> None:
    if answers["option"] == CONTAINERS:
        return
    items = open_items(answers, [])
    markdown = letter_markdown(answers, Enclosed(LINE, [], items))
    text = " ".join(as_text(markdown).split())
    assert [item.what for item in items if " ".join(item.what.split()) not in text] == []
    assert "<script" not in as_html(markdown, "title")
    if answers["option"] == "1a":
        assert LINE in text
