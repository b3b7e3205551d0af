"""Secrets in texts: found in every form, and nothing else."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.redaction import MASK, Redactor, redacted
from tests.fakes.secrets import TEXTS, shown


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("around", ["{}", "sbatch: error: {} is not valid", "a\n{}\nb", "[{}]"])
def test_no_secret_is_shown_in_any_form(name: str, around: str) -> None:
    assert shown(TEXTS[name])
    text = redacted(around.format(TEXTS[name]))
    assert MASK in text
    assert not shown(text), text


@pytest.mark.parametrize(
    "text",
    [
        "the token in ./state/token cannot be read (Permission denied): use the account that runs the CE",
        "name the right file with --token-file, or the CE's state folder with --state-dir",
        "error: HOSTED_CE_TOKEN_FILE: no such file",
        "sbatch: error: Batch job submission failed: Invalid account or account/partition combination",
        "no route takes it: gpu: `RequestGPUs > 0` is undefined; small: `RequestMemory < 4000` is false",
        "gfactory@factory.example.org#4711.0#1770000000",
        "https://issuer.example.org/oauth2,vofrontend-ospool",
        "ssh://osg01@login.example.edu:22/~",
        "the basic configuration of the cluster",
        "key: /etc/hosted-ce/key",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        '`TARGET.WantToken=?=true && token=!=undefined && MY.Secret=="x"` is false',
        "compass=3 bypass=no",
        'password="" is empty',
        "h3k2v7m9x1c5b8 4711.pbs.example.edu",
    ],
)
def test_what_operators_need_to_read_stays(text: str) -> None:
    assert redacted(text) == text


@given(st.text(), st.sampled_from(sorted(TEXTS)), st.text())
def test_twice_is_as_once(before: str, name: str, after: str) -> None:
    once = redacted(f"{before} {TEXTS[name]} {after}")
    assert redacted(once) == once


@given(st.text(), st.sampled_from(sorted(TEXTS)), st.text())
def test_what_is_written_as_json_after_it_was_masked_shows_nothing_new(
    before: str, name: str, after: str
) -> None:
    written = json.dumps({"said": redacted(f"{before} {TEXTS[name]}\n{after}")})
    assert not shown(redacted(written))
    assert redacted(redacted(written)) == redacted(written)


@pytest.mark.parametrize(
    "text",
    [
        "password=abc\nfoo",
        "token='cut off, here",
        "--token abc",
        "authorization: x y1\nz",
        'token="a b"',
        "{'secret': ['a']}",
    ],
)
def test_a_masked_text_in_json_is_masked_enough(text: str) -> None:
    """Else a support bundle would be deleted for nothing."""
    assert not Redactor().shows(json.dumps(Redactor().value({"said": text}), indent=2))


def test_a_secret_without_a_form_is_learnt() -> None:
    redactor = Redactor()
    assert redactor.text("/api/v1/opaque-secret-of-ours") == "/api/v1/opaque-secret-of-ours"
    redactor.learn("opaque-secret-of-ours")
    assert redactor.text("/api/v1/opaque-secret-of-ours") == f"/api/v1/{MASK}"
    assert redactor.shows("opaque-secret-of-ours")
    assert not redactor.shows("/api/v1/pilots")
    redactor.learn("is")
    assert redactor.text("this is it") == "this is it"


def test_values_are_looked_through_and_names_count() -> None:
    found = Redactor().value(
        {
            "a": [TEXTS["jwt"], 7, None], "b": {"BEARER_TOKEN": "x y", "token_file": "/etc/token"},
            "c": ("d",), "secret": ["x"], "DB_PASS": {"y": 1}, "token": [], "secret_key": 7,
        }
    )  # fmt: skip
    assert found == {
        "a": [MASK, 7, None], "b": {"BEARER_TOKEN": MASK, "token_file": "/etc/token"}, "c": ["d"],
        "secret": MASK, "DB_PASS": MASK, "token": [], "secret_key": 7,
    }  # fmt: skip


SLOW = [
    "a.", "-", "\n", " ", "eyJ", "-----BEGIN A-----", "a://", "bearer ", "token:", "LS0tLS1CRUdJTi ", "{",
    'token="', "password='a\\", "pass: [", 'secret=\\"', "{secret: {",
]  # fmt: skip


@pytest.mark.parametrize("unit", SLOW)
def test_no_text_takes_long(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    began = time.process_time()
    redacted(text)
    assert time.process_time() - began < 5
