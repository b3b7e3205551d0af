"""`hosted-ce site init`: what it asks, what it writes, what it leaves alone."""

from __future__ import annotations

import json
import shlex
import stat
from pathlib import Path
from typing import Any

import pytest
import typer

from hosted_ce.cli.site.init import host_keys
from hosted_ce.cli.site.init.command import init
from hosted_ce.cli.site.init.interview import interview, take_defaults
from hosted_ce.cli.site.init.notebook import Notebook
from hosted_ce.cli.site.init.outcome import next_commands
from hosted_ce.first_contact.errors import Unreached
from hosted_ce.first_contact.host_keys import HostKey
from hosted_ce.first_contact.trust import Host
from hosted_ce.site import load_site
from hosted_ce.site_init.questions import QUESTIONS
from hosted_ce.site_init.standing import next_question

from .conftest import Run
from .test_cli_commands import COMMANDS

FINGERPRINT = f"SHA256:{'a' * 43}"
GIVEN = {
    "site": "Tundra-College",
    "contacts": "hpc@tundra.example.edu",
    "batch": "slurm",
    "login": "login.tundra.example.edu",
    "fingerprints": "unknown",
    "our-addresses": "192.0.2.10",
    "queue": "osg",
    "charge": "none",
    "door-host": "unknown",
}
OPTIONS = [f"--{name}={text}" for name, text in GIVEN.items()]
KEYS = [
    HostKey("ED25519", FINGERPRINT, "login.tundra.example.edu ssh-ed25519 QQ=="),
    HostKey("RSA", f"SHA256:{'b' * 43}", "login.tundra.example.edu ssh-rsa Qg=="),
]


class Script:
    """A person whose answers are known. One that is an exception is raised."""

    def __init__(self, *answers: str | BaseException) -> None:
        self.answers = list(answers)
        self.told: list[str] = []
        self.asked: list[tuple[str, str | None]] = []

    def tell(self, text: str, *, mark: str = "", strong: bool = False) -> None:
        """Hears it."""
        self.told.append(f"{mark}{text}")

    def ask(self, name: str, default: str | None) -> str:
        """Answers; with nothing left to say, what the program proposes, else `unknown`, else the example."""
        self.asked.append((name, default))
        answer: str | BaseException = self.answers.pop(0) if self.answers else ""
        if isinstance(answer, BaseException):
            raise answer
        question = next(each for each in QUESTIONS if each.id == name)
        return answer or default or ("unknown" if question.unknown else question.example)

    def agrees(self, question: str) -> bool:
        """Yes or no."""
        self.told.append(question)
        return self.answers.pop(0) == "y"


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> list[list[HostKey] | Unreached]:
    """What login nodes show, one after the other; a node that is not in the list fails the test."""
    answers: list[list[HostKey] | Unreached] = []

    async def keys_of(host: Host) -> list[HostKey]:
        found = answers.pop(0)
        if isinstance(found, Unreached):
            raise found
        return found

    monkeypatch.setattr(host_keys, "keys_of", keys_of)
    return answers


def test_with_all_answers_nothing_is_asked_and_all_is_written(run: Run, folder: Path) -> None:
    result = run("site", "init", "ce", "--yes", *OPTIONS)
    assert result.exit_code == 0
    assert result.stdout == (folder / "ce/letter.txt").read_text()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder / "ce").iterdir()}
    assert modes == {
        "answers.yaml": 0o644, "site.yaml": 0o644, "site.key": 0o600, "site.key.pub": 0o644,
        "letter.md": 0o644, "letter.txt": 0o644, "letter.html": 0o644, "SHA256SUMS": 0o644,
    }  # fmt: skip
    site = load_site(folder / "ce/site.yaml")
    assert site.clusters["main"].key == folder / "ce/site.key"
    public_key = (folder / "ce/site.key.pub").read_text()
    assert f'    restrict,from="192.0.2.10" {public_key}' in result.stdout
    assert f"hosted-ce serve --site {folder}/ce/site.yaml" in result.stderr


def test_json_says_what_came_of_it(run: Run, folder: Path) -> None:
    found = json.loads(run("site", "init", "ce", "--yes", "--json", *OPTIONS).stdout)
    assert found["folder"] == str(folder / "ce")
    assert {item["question"] for item in found["open"]} == {"fingerprints", "door_host"}
    assert found["public_key"].endswith("hosted-ce Tundra-College-CE1")
    assert any("known_hosts" in line for line in found["lint"])


def test_without_a_terminal_it_says_which_answers_are_missing(run: Run, folder: Path) -> None:
    result = run("site", "init", "ce", "--site=Tundra-College")
    assert result.exit_code == 2
    assert "login: Login nodes" in result.stderr.splitlines()
    assert "account: Unix account (--yes takes osg01)" in result.stderr.splitlines()
    assert [path.name for path in (folder / "ce").iterdir()] == ["answers.yaml"]


def test_defaults_do_not_replace_what_has_none(run: Run) -> None:
    result = run("site", "init", "ce", "--yes", *OPTIONS[1:])
    assert result.exit_code == 2
    assert "site: Name of the site in OSG Topology" in result.stderr
    assert "--yes takes" not in result.stderr, "what it takes is no question that is left"


def test_every_wrong_answer_is_told(run: Run, folder: Path) -> None:
    result = run("site", "init", "ce", "--cpus=many", "--our-addresses=192.0.2.300", "--site=A")
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines[1:]] == ["--our-addresses", "--cpus"]
    assert not (folder / "ce").exists()


def test_a_questionnaire_is_filled_and_read(run: Run, folder: Path) -> None:
    text = run("site", "init", "--questionnaire").stdout
    for name, answer in GIVEN.items():
        text = text.replace(f"\n{name.replace('-', '_')}:\n", f"\n{name.replace('-', '_')}: {answer}\n")
    (folder / "filled.yaml").write_text(text)
    assert run("site", "init", "ce", "--yes", "--answers", "filled.yaml", "--queue=other").exit_code == 0
    assert load_site(folder / "ce/site.yaml").routes[0].request.queue == "other", (
        "an option goes before a file"
    )


def test_problems_of_a_questionnaire_have_their_line(run: Run, folder: Path) -> None:
    (folder / "filled.yaml").write_text("site: Tundra\nlogni: a.edu\n")
    result = run("site", "init", "ce", "--answers", "filled.yaml")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[1].startswith("filled.yaml:2:1: logni: there is no question")


def test_answers_that_contradict_are_told(run: Run) -> None:
    result = run("site", "init", "ce", "--yes", *OPTIONS, "--pilots=3", "--idle=4")
    assert result.exit_code == 2
    assert "idle: 4 may wait, and there may be 3 at most; write 3 or less" in result.stderr.splitlines()


def test_containers_need_none_of_this(run: Run, folder: Path) -> None:
    result = run("site", "init", "ce", "--option=2")
    assert result.exit_code == 0
    assert "ospool-ep" in result.stdout
    assert [path.name for path in (folder / "ce").iterdir()] == ["answers.yaml"]


def test_containers_are_nothing_as_json_too(run: Run) -> None:
    found = json.loads(run("site", "init", "ce", "--option=2", "--json").stdout)
    assert (found["written"], found["open"], found["next"]) == ([], [], [])


def test_commands_that_come_next_exist() -> None:
    for line in next_commands(Path("/a folder")):
        _, *words = shlex.split(line)
        found = COMMANDS[max(path for path in COMMANDS if path == tuple(words[: len(path)]))]
        assert found.params
        options = {option for param in found.params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_what_is_taken_back_is_not_lost_where_nobody_can_be_asked(run: Run, folder: Path) -> None:
    run("site", "init", "ce", "--yes", *OPTIONS)
    before = (folder / "ce/answers.yaml").read_text()
    result = run("site", "init", "ce", "--again=login")
    assert (result.exit_code, result.stderr.splitlines()[1:]) == (2, ["login: Login nodes"])
    assert (folder / "ce/answers.yaml").read_text() == before


def test_a_second_run_changes_what_was_answered_otherwise_and_no_key(run: Run, folder: Path) -> None:
    run("site", "init", "ce", "--yes", *OPTIONS)
    key = (folder / "ce/site.key").read_bytes()
    assert "has it all already" in run("site", "init", "ce", "--yes").stderr
    run("site", "init", "ce", "--pilots=50")
    assert load_site(folder / "ce/site.yaml").routes[0].limits.pilots == 50
    assert (folder / "ce/site.key").read_bytes() == key


def test_a_file_that_was_changed_by_hand_is_not_written_over(run: Run, folder: Path) -> None:
    run("site", "init", "ce", "--yes", *OPTIONS)
    file = folder / "ce/site.yaml"
    mine = file.read_text().replace("pilots: 32", "pilots: 33")
    file.write_text(mine)
    result = run("site", "init", "ce", "--queue=other")
    assert file.read_text() == mine
    assert "+      queue: other" in result.stderr
    assert "-      pilots: 33" in result.stderr
    assert load_site(folder / "ce/site.yaml.new").routes[0].request.queue == "other"
    (folder / "ce/site.yaml.new").rename(file)
    run("site", "init", "ce", "--queue=third")
    assert load_site(file).routes[0].request.queue == "third", "what it wrote itself is not a person's"


def test_every_question_is_an_option() -> None:
    names = {param.opts[0] for param in _params()}
    assert {f"--{question.id.replace('_', '-')}" for question in QUESTIONS} <= names


def _params() -> Any:
    application = typer.Typer()
    application.command()(init)
    return typer.main.get_command(application).params


def test_again_needs_the_name_of_a_question(run: Run) -> None:
    result = run("site", "init", "ce", "--again=fingerprint")
    assert result.exit_code == 2
    assert "did you mean fingerprints?" in result.stderr


def test_an_interview_tells_what_is_wrong_and_asks_again(folder: Path) -> None:
    book, person = Notebook(folder), Script("1a", "Tundra!", "Tundra")
    interview(book.answers, person, book.keep, before={})
    assert any(told.startswith("  ! ") and '"!"' in told for told in person.told)
    assert book.answers["site"] == "Tundra"
    assert [name for name, _ in person.asked[:3]] == ["option", "site", "site"]
    assert next_question(book.answers) is None


def test_an_interview_goes_on_where_it_was_broken_off(folder: Path) -> None:
    """Killed between any two questions: nothing is lost, and nothing is asked twice."""
    whole = Script()
    interview(answers := dict[str, Any](), whole, answers.__setitem__, before={})
    for number in range(len(whole.asked)):
        part = folder / str(number)
        part.mkdir()
        book = Notebook(part)
        with pytest.raises(KeyboardInterrupt):
            interview(book.answers, Script(*[""] * number, KeyboardInterrupt()), book.keep, before={})
        again, person = Notebook(part), Script()
        interview(again.answers, person, again.answers.__setitem__, before={})
        assert person.asked == whole.asked[number:]
        assert again.answers == answers


def test_a_question_that_is_asked_anew_proposes_what_was_answered(folder: Path) -> None:
    book = Notebook(folder)
    interview(book.answers, Script(), book.keep, before={})
    book.keep("login", ["a.edu", "b.edu:2222"])
    book.keep("whole_node", True)
    book.take_back("login")
    book.take_back("whole_node")
    person = Script()
    interview(book.answers, person, book.keep, before=book.before)
    assert person.asked == [("login", "a.edu, b.edu:2222"), ("whole_node", "yes")]


def test_an_answer_that_no_longer_goes_with_others_is_asked_anew(folder: Path) -> None:
    book = Notebook(folder)
    interview(book.answers, Script(), book.keep, before={})
    book.keep("pilots", 2)
    book.keep("idle", 8)
    person = Script("1")
    interview(book.answers, person, book.keep, before={})
    assert person.asked == [("idle", "8")]
    assert any("8 was answered, but" in told for told in person.told)


def test_defaults_end_before_a_question_without_one() -> None:
    answers: dict[str, Any] = {}
    take_defaults(answers, answers.__setitem__)
    assert answers == {"option": "1a"}


Keys = list[list[HostKey] | Unreached]


def _pinned(folder: Path, given: list[str], person: Script | None) -> str:
    return host_keys.pin_host_keys(folder / "known_hosts", ["login.tundra.example.edu"], given, person)


def test_a_key_that_the_site_told_is_pinned_without_asking(folder: Path, shown: Keys) -> None:
    shown.append(KEYS)
    person = Script()
    assert _pinned(folder, [FINGERPRINT], person) == f"{KEYS[0].line}\n", "and the other one is not"
    assert (folder / "known_hosts").read_text() == f"{KEYS[0].line}\n"
    assert stat.S_IMODE((folder / "known_hosts").stat().st_mode) == 0o644


def test_a_key_that_the_site_did_not_tell_is_never_pinned(
    folder: Path, shown: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    for person in (Script("y"), None):
        shown.append(KEYS)
        assert _pinned(folder, [f"SHA256:{'c' * 43}"], person) == ""
    assert "NOT pinned" in capsys.readouterr().err
    assert not (folder / "known_hosts").exists()


@pytest.mark.parametrize(("answer", "pinned"), [("y", 2), ("n", 0)])
def test_keys_of_a_site_that_told_none_are_for_a_person_to_compare(
    folder: Path, shown: Keys, answer: str, pinned: int
) -> None:
    shown.append(KEYS)
    person = Script(answer)
    assert len(_pinned(folder, [], person).splitlines()) == pinned
    assert any(FINGERPRINT in told for told in person.told)


def test_without_a_person_nothing_is_looked_at_that_cannot_be_proven(folder: Path, shown: Keys) -> None:
    assert _pinned(folder, [], None) == ""


def test_what_is_pinned_is_not_looked_at_again_and_not_lost(folder: Path, shown: Keys) -> None:
    (folder / "known_hosts").write_text("other.edu ssh-rsa QQ==")
    shown.append(KEYS)
    text = _pinned(folder, [FINGERPRINT], None)
    assert text.splitlines() == ["other.edu ssh-rsa QQ==", KEYS[0].line]
    assert _pinned(folder, [FINGERPRINT], None) == text


def test_a_key_that_was_pinned_and_is_not_what_the_site_told_is_no_proof(run: Run, folder: Path) -> None:
    (folder / "ce").mkdir()
    known_hosts, wrong = folder / "ce/known_hosts", f"# ours\n{KEYS[0].line}\n"
    known_hosts.write_text(wrong)
    result = run("site", "init", "ce", "--yes", *OPTIONS, f"--fingerprints={FINGERPRINT}")
    assert f"NOT what the site told: {known_hosts} has another host key" in result.stderr
    assert f"remove line 2 of {known_hosts}" in result.stderr
    assert "OSG: comparing the host keys of login.tundra.example.edu" in result.stderr
    assert known_hosts.read_text() == wrong, "the CE may be using it"


def test_a_node_that_cannot_be_reached_stays_open(run: Run, shown: Keys, folder: Path) -> None:
    shown.append(Unreached("login.tundra.example.edu port 22 did not answer in 10 s; is there a firewall?"))
    result = run("site", "init", "ce", "--yes", *OPTIONS, f"--fingerprints={FINGERPRINT}")
    assert result.exit_code == 0
    assert "is there a firewall?" in result.stderr
    assert "OSG: comparing the host keys of login.tundra.example.edu" in result.stderr


def test_a_letter_shows_what_is_pinned(run: Run, shown: Keys) -> None:
    shown.append(KEYS)
    result = run("site", "init", "ce", "--yes", *OPTIONS, f"--fingerprints={FINGERPRINT}")
    assert "Please look\nwhether they are yours" in result.stdout


def test_no_question_has_the_name_of_another_option() -> None:
    names = [option for param in _params() for option in param.opts]
    assert len(set(names)) == len(names)
