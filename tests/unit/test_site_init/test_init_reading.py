"""Answers in YAML, the empty questionnaires, and what known_hosts has."""

from __future__ import annotations

import base64
import hashlib

import pytest

from hosted_ce.site_init.pinned import contradicted, pinned, unpinned
from hosted_ce.site_init.questionnaire import markdown_questionnaire, yaml_questionnaire
from hosted_ce.site_init.questions import QUESTIONS
from hosted_ce.site_init.reading import answers_text, read_answers

from .cases import SLURM, answered, little_known


@pytest.mark.parametrize("answers", [answered(**SLURM), little_known(option="1a", batch="sge"), {}])
def test_answers_that_were_written_are_read_as_the_same(answers: dict[str, object]) -> None:
    assert read_answers(answers_text(answers)) == (answers, [])  # type: ignore[arg-type]


def test_what_means_nothing_now_is_kept() -> None:
    answers = answered(**SLURM)
    assert read_answers(answers_text({**answers, "option": "2"}))[0] == {**answers, "option": "2"}


def test_an_empty_questionnaire_asks_everything_and_answers_nothing() -> None:
    text = yaml_questionnaire()
    assert read_answers(text) == ({}, [])
    assert [line[:-1] for line in text.splitlines() if line.endswith(":") and not line.startswith("#")] == [
        question.id for question in QUESTIONS
    ]


def test_a_filled_one_is_read() -> None:
    filled = (
        yaml_questionnaire()
        .replace("\nlogin:", "\nlogin: [a.edu, b.edu:2222]")
        .replace("\nqos:", "\nqos: none")
    )
    assert read_answers(filled) == ({"login": ["a.edu", "b.edu:2222"], "qos": "none"}, [])


def test_a_site_is_asked_what_it_can_answer() -> None:
    text = markdown_questionnaire()
    theirs = [question.title for question in QUESTIONS if question.owner == "the site"]
    assert [title for title in theirs if f". {title}\n" not in text] == []
    assert "Issuer of the tokens" not in text


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("option: 1a\ncpus: many\n", 2, "is not a whole number"),
        ("# x\n\nlogni: a.edu\n", 3, "did you mean login?"),
        ("cpus: 8\ncpus: 9\n", 2, "given twice"),
        ("- a\n", 1, "does not begin with a question"),
        ("cpus: [8\n", 2, ""),
        ("cpus: {a: 1}\n", 1, "one value is expected"),
        ("contacts: {a: 1}\n", 1, "a list is expected"),
    ],
)
def test_problems_have_their_line(text: str, line: int, said: str) -> None:
    _, problems = read_answers(text)
    assert [problem.line for problem in problems] == [line]
    assert said in problems[0].describe("answers.yaml")


def test_login_nodes_without_an_entry_are_unpinned() -> None:
    blob = base64.b64encode(b"a key").decode()
    fingerprint = f"SHA256:{base64.b64encode(hashlib.sha256(b'a key').digest()).decode().rstrip('=')}"
    text = f"# ours\na.edu,b.edu ssh-ed25519 {blob}\n[c.edu]:2222 ssh-rsa {blob}\nc.edu ssh-rsa !\n"
    assert unpinned(text, ["a.edu", "c.edu:2222", "d.edu", "a.edu:2200"]) == ["d.edu"]
    assert pinned(text, ["b.edu", "c.edu:2222", "c.edu"]) == [
        f"b.edu {fingerprint} (ssh-ed25519)",
        f"c.edu {fingerprint} (ssh-rsa)",
    ]


def test_pinned_keys_are_compared_with_what_the_site_told() -> None:
    blobs = [base64.b64encode(key).decode() for key in (b"a key", b"another")]
    right = f"SHA256:{base64.b64encode(hashlib.sha256(b'a key').digest()).decode().rstrip('=')}"
    text = (
        f"a.edu ssh-rsa {blobs[1]}\na.edu ssh-ed25519 {blobs[0]}\nb.edu ssh-rsa {blobs[1]}\n"
        f"@cert-authority c.edu ssh-rsa {blobs[1]}\n"
    )
    nodes = ["a.edu", "b.edu", "c.edu", "d.edu"]
    assert contradicted(text, nodes, [right]) == {"b.edu": [3]}
    assert contradicted(text, nodes, []) == {}
    assert contradicted(f"|1|c2FsdA==|aGFzaA== ssh-rsa {blobs[1]}\n", ["a.edu"], [right]) == {"a.edu": []}
