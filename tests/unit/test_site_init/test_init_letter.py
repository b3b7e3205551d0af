"""The letter: one text in three forms, and what must be in it."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hosted_ce.mailable import as_html, as_text
from hosted_ce.site_init.letter import BATCH_NAMES, OUTBOUND_PORTS, Enclosed, code, letter_markdown
from hosted_ce.site_init.open_items import open_items
from hosted_ce.site_init.question import UNKNOWN, Answers

from .cases import FINGERPRINT, LINE, PUBLIC_KEY, SLURM, answered, little_known

EXPECTED = Path(__file__).parent / "expected"
PINNED = [f"login1.tundra.example.edu {FINGERPRINT} (ssh-ed25519)"]
ANSWERS = {
    "slurm": answered(**SLURM),
    "little-known": little_known(option="1a", batch="pbs"),
    "own-ce": answered(option="1b", batch="htcondor", shared="nothing"),
    "grid-engine": answered(**SLURM | {"batch": "sge", "memory_resource": "h_vmem"}),
    "lsf": little_known(option="1a", batch="lsf"),
}


def letter(answers: Answers, pinned: list[str] | None = None) -> str:
    """In Markdown."""
    line = LINE if answers.get("our_addresses") != UNKNOWN else f"restrict {PUBLIC_KEY}"
    return letter_markdown(answers, Enclosed(line, pinned or [], open_items(answers, [])))


@pytest.mark.parametrize("name", ANSWERS)
def test_the_letter_is_as_it_was_read_last(name: str) -> None:
    """Read what differs as a site's administrator would. HOSTED_CE_WRITE_EXPECTED=1 writes them anew."""
    text = as_text(letter(ANSWERS[name], PINNED if name == "slurm" else None))
    file = EXPECTED / f"{name}.txt"
    if os.environ.get("HOSTED_CE_WRITE_EXPECTED"):
        file.write_text(text)
    assert text == file.read_text()


class Words(HTMLParser):
    """The words of a page, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [str(value) for name, value in attrs if name in ("src", "href", "action", "srcset")]

    def handle_data(self, data: str) -> None:
        self.words += re.findall(r"\w+", data)


@pytest.mark.parametrize("name", ANSWERS)
def test_text_and_html_have_the_same_words(name: str) -> None:
    markdown = letter(ANSWERS[name])
    page = Words()
    page.feed(as_html(markdown, "title"))
    numbers = {"1", "2", "3", "4"}  # of the list at the end: a browser counts it
    in_text = [word for word in re.findall(r"\w+", as_text(markdown)) if word not in numbers]
    assert in_text == [word for word in page.words[1:] if word not in numbers]


@pytest.mark.parametrize("name", ANSWERS)
def test_the_page_needs_nothing_beside_it(name: str) -> None:
    page = Words()
    page.feed(as_html(letter(ANSWERS[name]), "title"))
    assert page.loads == []
    assert page.tags.isdisjoint({"script", "link", "img", "iframe"})


def test_no_line_but_code_is_too_long_for_a_mail() -> None:
    lines = as_text(letter(ANSWERS["slurm"])).splitlines()
    assert [line for line in lines if len(line) > 78 and not line.startswith("    ")] == []


def test_nothing_of_an_answer_is_markup() -> None:
    nasty = {**ANSWERS["slurm"], "queue": "a_b_c*d*`<b>", "site": "x](y) _z_ <script>"}
    page = Words()
    page.feed(as_html(letter(nasty), "<script>alert(1)</script>"))
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "a" not in page.tags
    assert "em" not in page.tags
    assert "a_b_c*d*`<b>" in as_text(letter(nasty))


@pytest.mark.parametrize("text", ["x", "`", "a``b", "`a`", " "])
def test_code_is_what_it_was(text: str) -> None:
    assert as_text(code(text)).strip() == text.strip()


def test_the_line_for_authorized_keys_is_never_broken() -> None:
    assert f"\n    {LINE}\n" in as_text(letter(ANSWERS["slurm"]))


def test_slurm_can_be_asked_for_just_such_a_job() -> None:
    assert (
        "sbatch --test-only --partition=osg --account=osgproject --nodes=1 --ntasks=1 --cpus-per-task=8 "
        "--mem=16384M --time=4320 --wrap=hostname"
    ) in letter(ANSWERS["slurm"])


def test_grid_engine_can_be_asked_for_just_such_a_job() -> None:
    assert (
        "sudo -iu osg01 qsub -w v -l h_rt=259200 -pe smp 8 -l h_vmem=2048M -q osg -A osgproject "
        "-b y /bin/true"
    ) in letter(ANSWERS["grid-engine"])
    single = letter(answered(batch="sge", option="1a", parallel_environment="none", walltime="1h"))
    assert "qsub -w v -l h_rt=3600 -q" in single
    assert "one node, 1 core, 2 GB" in single
    assert "pe_slots" not in single


@pytest.mark.parametrize("option", ["1a", "1b"])
@pytest.mark.parametrize("batch", BATCH_NAMES)
def test_every_batch_system_has_its_letter_whatever_is_known(batch: str, option: str) -> None:
    for answers in (answered(option=option, batch=batch), little_known(option=option, batch=batch)):
        assert f"submit jobs such as these to {BATCH_NAMES[batch]}" in letter(answers)


@pytest.mark.parametrize(
    ("batch", "shared", "asked", "not_asked"),
    [
        ("pbs", "home", "`$usecp`", "sbatch"),
        ("pbs", "nothing", "job_history_enable = True", "usecp"),
        ("htcondor", "home", "FILESYSTEM_DOMAIN", "condor_chirp"),
        ("htcondor", "nothing", "condor_chirp", "FILESYSTEM_DOMAIN"),
    ],
)
def test_what_a_site_should_set_depends_on_what_it_shares(
    batch: str, shared: str, asked: str, not_asked: str
) -> None:
    text = letter(answered(option="1a", batch=batch, shared=shared))
    assert asked in text
    assert not_asked not in text


def test_ports_that_pilots_need_are_named() -> None:
    assert ", ".join(map(str, OUTBOUND_PORTS)) in letter(ANSWERS["little-known"])


def test_open_items_say_whose_move_it_is() -> None:
    items = open_items(ANSWERS["little-known"], [])
    owners = [item.owner for item in items]
    assert owners == sorted(owners, key=lambda owner: owner != "the site"), "the site's first"
    assert {item.question for item in items if item.owner == "OSG"} == {
        "our_addresses",
        "issuer",
        "door_host",
    }
    assert "login" in {item.question for item in items}


def test_host_keys_are_open_until_they_are_pinned() -> None:
    unknown = answered(**SLURM | {"fingerprints": "unknown"})
    node = "login1.tundra.example.edu"
    assert [(item.owner, item.question) for item in open_items(unknown, [node])] == [
        ("the site", "fingerprints")
    ]
    assert open_items(unknown, []) == [], "somebody has confirmed what was shown"
    assert [(item.owner, node in item.what) for item in open_items(ANSWERS["slurm"], [node])] == [
        ("OSG", True)
    ]


def test_a_jump_host_gets_a_line_of_its_own() -> None:
    answers = answered(**SLURM, jump="bastion.example.edu:2222")
    assert open_items(answers, []) == []
    text = letter_markdown(answers, Enclosed(LINE, [], [], "restrict,port-forwarding ssh-ed25519 AAAA"))
    assert "On the jump hosts `bastion.example.edu`" in text
    assert "restrict,port-forwarding ssh-ed25519 AAAA" in text
    assert "jump host" not in letter(answered(**SLURM))
