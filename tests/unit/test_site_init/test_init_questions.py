"""The questions: each can be answered as it says, and what is answered wrongly is told."""

from __future__ import annotations

import pytest

from hosted_ce.site.errors import BadValue
from hosted_ce.site_init.kinds import KINDS, read_answer, split_login
from hosted_ce.site_init.question import UNKNOWN, Question
from hosted_ce.site_init.questions import BY_ID, QUESTIONS
from hosted_ce.site_init.standing import conflicts, missing, next_question

from .cases import FINGERPRINT, SLURM, answered

EACH = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
LINE = f"256 {FINGERPRINT} root@login1 (ED25519)"


@EACH
def test_its_example_is_an_answer_and_stays_what_it_is(question: Question) -> None:
    value = read_answer(question, question.example)
    assert value != UNKNOWN
    assert read_answer(question, value) == value


@EACH
def test_its_default_is_an_answer(question: Question) -> None:
    default = question.default(answered(**SLURM))
    assert default is None or read_answer(question, default) is not None


@EACH
def test_it_explains_itself(question: Question) -> None:
    assert question.title[0].isupper()
    assert len(question.why) > 60
    assert question.why.endswith(".")
    assert question.kind in KINDS


@EACH
def test_what_is_not_known_yet_is_an_answer_where_the_letter_has_words_for_it(question: Question) -> None:
    if question.unknown:
        assert read_answer(question, "unknown") == read_answer(question, " ? ") == UNKNOWN
    else:
        with pytest.raises(BadValue, match="nothing can be prepared without"):
            read_answer(question, "unknown")


def test_names_and_places_are_each_one_questions() -> None:
    places = [question.place for question in QUESTIONS if question.place]
    assert len(BY_ID) == len(QUESTIONS)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("name", "written", "said"),
    [
        ("option", "3", "none of the answers"),
        ("site", "Tundra College!", 'has "!" as character 15'),
        ("contacts", "", "there is nothing in it"),
        ("contacts", "hpc", "is not a mail address"),
        ("batch", "pbspro", "write pbs"),
        ("login", "osg01@login.example.edu", "has a user in it"),
        ("login", "login.example.edu:0", "ports go from 1 to 65535"),
        ("login", "[2001:db8::1]:22", "is not a login node"),
        ("account", "root", "pilots cannot run as root"),
        ("fingerprints", "MD5:" + ":".join(["0f"] * 16), "is an MD5 fingerprint"),
        ("fingerprints", "SHA256:abc", "has no fingerprint"),
        ("fingerprints", f"{FINGERPRINT} {FINGERPRINT}", "more than one fingerprint"),
        ("our_addresses", "192.0.2.10/24", "has host bits set"),
        ("our_addresses", "ce.example.edu", "write addresses such as"),
        ("spool", "~", "is no folder of its own"),
        ("scratch", "$TMPDIR", "variables are not expanded"),
        ("squid", "squid.example.edu", "has no port"),
        ("cpus", "eight", "is not a whole number"),
        ("cpus", "0", "the least is 1"),
        ("memory", "16", "has no unit"),
        ("walltime", "72", "write 72h for hours"),
        ("whole_node", "perhaps", "neither yes nor no"),
        ("gpus", "4000", "the most is 1024"),
        ("door_host", "CE.example.edu", "has capital letters"),
    ],
)
def test_a_wrong_answer_is_told_with_what_to_write(name: str, written: str, said: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_answer(BY_ID[name], written)
    assert said in str(caught.value)


def test_lists_are_written_with_commas_and_numbers_and_truths_as_people_do() -> None:
    assert read_answer(BY_ID["login"], "a.edu:22, b.edu:2222") == ["a.edu", "b.edu:2222"]
    assert read_answer(BY_ID["fingerprints"], f"{LINE}\n{LINE}") == [FINGERPRINT, FINGERPRINT]
    assert read_answer(BY_ID["our_addresses"], "192.0.2.10/32") == ["192.0.2.10"]
    assert read_answer(BY_ID["walltime"], "72:00:00") == "3d"
    assert read_answer(BY_ID["whole_node"], "Y") is True
    assert split_login("b.edu:2222") == ("b.edu", 2222)


@pytest.mark.parametrize(
    ("asked", "apart"),
    [
        ({"option": "2"}, {"batch", "site", "issuer"}),
        ({"option": "1b"}, {"login", "fingerprints", "our_addresses"}),
        ({"batch": "slurm"}, {"parallel_environment", "filesystem_domain"}),
        ({"batch": "sge"}, {"qos", "filesystem_domain"}),
        ({"batch": "htcondor", "shared": "nothing"}, {"filesystem_domain", "spool"}),
        ({"gpus": "0"}, {"gpu_queue", "gpu_pilots"}),
        ({"door_host": "unknown"}, {"certificate", "certificate_key"}),
    ],
)
def test_what_has_no_meaning_is_not_asked(asked: dict[str, str], apart: set[str]) -> None:
    assert apart.isdisjoint(answered(**asked))


@pytest.mark.parametrize(
    ("asked", "at", "said"),
    [
        ({"batch": "lsf", "shared": "nothing"}, "shared", "need a folder that login and worker nodes share"),
        (
            {"batch": "sge", "parallel_environment": "none", "memory_resource": "none", "cpus": "8"},
            "cpus",
            "--parallel-environment=NAME",
        ),
        ({"cpus": "8", "memory": "4 GB"}, "memory", "write 8 GB at least"),
        ({"pilots": "5", "idle": "6"}, "idle", "write 5 or less"),
    ],
)
def test_answers_that_contradict_each_other_are_told_and_asked_anew(
    asked: dict[str, str], at: str, said: str
) -> None:
    answers = {**answered(), **{name: read_answer(BY_ID[name], text) for name, text in asked.items()}}
    assert [(name, said in str(fault)) for name, fault in conflicts(answers).items()] == [(at, True)]
    question = next_question(answers)
    assert question is not None
    assert question.id == at


def test_what_is_missing_is_told_as_far_as_defaults_say() -> None:
    names = [question.id for question in missing({"gpus": 1})]
    assert names[0] == "option"
    assert {"batch", "login", "fingerprints", "gpu_queue"} <= set(names)
    assert {"gpus", "spool", "certificate"}.isdisjoint(names)


def test_a_name_with_a_space_is_proposed_with_hyphens() -> None:
    resource = next(each for each in QUESTIONS if each.id == "resource")
    assert resource.default({"site": "Example University"}) == "Example-University-CE1"
