"""What comes of the answers: key, host keys, site file, letter; and what is said of them at the end."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from hosted_ce.authorized_keys import jump_line, plain_line
from hosted_ce.cli.audit.own import taken_down
from hosted_ce.cli.errors import CliError
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.site.init.host_keys import pin_host_keys
from hosted_ce.cli.site.init.person import Person
from hosted_ce.cli.site.init.results import Written, write_results
from hosted_ce.cli.site.problems import linted, problem_line
from hosted_ce.cli.words import spelled
from hosted_ce.first_contact.errors import FirstContactError
from hosted_ce.first_contact.ssh_key import ensure_key
from hosted_ce.first_contact.trust import Host
from hosted_ce.mailable import as_html, as_text
from hosted_ce.site_init.kinds import split_login
from hosted_ce.site_init.letter import Enclosed, letter_markdown
from hosted_ce.site_init.open_items import OpenItem, open_items
from hosted_ce.site_init.pinned import contradicted, pinned, unpinned
from hosted_ce.site_init.question import Answers, known
from hosted_ce.site_init.questions.names import is_hosted
from hosted_ce.site_init.site_draft import Files
from hosted_ce.site_init.site_text import site_text

SITE_FILE = "site.yaml"

CONTAINERS_WORDS = """\
For option 2 this software is not needed: there is no CE. OSG gives you a container image, ospool-ep, and a
token. You run it on your own hosts, by docker, podman or Kubernetes, and each container joins the OSPool with
what you give it. It needs a scratch folder for uid 1000, outbound network, and the newest image every three
days. Register an Execution Endpoint in OSG Topology, and write to support@osg-htc.org for the token.
Nothing was written but this answer; `--again option` comes back to the other ways."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that there is now."""

    folder: Path
    public_key: str
    written: Sequence[Written]
    items: Sequence[OpenItem]
    letter: str
    findings: Sequence[str]
    """What lint says of the site file."""


def prepare(folder: Path, answers: Answers, person: Person | None) -> Outcome:
    """Makes the key, pins what may be pinned, writes site file and letter. `person` compares host keys."""
    files = Files(folder / "site.key", folder / "known_hosts")
    public_key, known_hosts, told = "", "", _list(answers, "fingerprints")
    logins = [*_list(answers, "jump"), *_list(answers, "login")] if is_hosted(answers) else []
    if is_hosted(answers):
        public_key = _key(files.key, answers)
        known_hosts = _pinned(files, answers, person)
    items = open_items(answers, [*unpinned(known_hosts, logins), *contradicted(known_hosts, logins, told)])
    line = plain_line(public_key, _list(answers, "our_addresses")) if public_key else ""
    jumping = _line_for_jumps(public_key, answers)
    texts = _texts(answers, files, Enclosed(line, pinned(known_hosts, logins), items, jumping))
    written = write_results(folder, texts)
    return Outcome(folder, public_key, written, items, texts["letter.txt"], _lint(folder / SITE_FILE))


def _pinned(files: Files, answers: Answers, person: Person | None) -> str:
    """The text of known_hosts. What is behind a jump host takes a login there, and so an account."""
    account = known(answers, "account")
    jumps = [
        Host(host, port, str(account or ""), files.key, files.known_hosts)
        for host, port in map(split_login, _list(answers, "jump"))
    ]
    nodes, told = _list(answers, "login"), _list(answers, "fingerprints")
    if jumps and not account:
        nodes, jumps = [], jumps[:1]
    return pin_host_keys(files.known_hosts, nodes, told, person, jumps)


def _line_for_jumps(public_key: str, answers: Answers) -> str:
    jumps, logins = _list(answers, "jump"), _list(answers, "login")
    if not (public_key and jumps):
        return ""
    through = [f"{host}:{port}" for host, port in map(split_login, [*jumps[1:], *logins])]
    return jump_line(public_key, _list(answers, "our_addresses"), through)


def _texts(answers: Answers, files: Files, enclosed: Enclosed) -> dict[str, str]:
    """What is written, by name."""
    letter = letter_markdown(answers, enclosed)
    return {
        SITE_FILE: site_text(answers, files),
        "letter.md": letter,
        "letter.txt": as_text(letter),
        "letter.html": as_html(letter, f"{known(answers, 'site') or 'Your cluster'} and the OSPool"),
    }


def no_ce(folder: Path, *, json: bool) -> None:
    """What a site that runs containers gets from OSG, which is nothing of this."""
    if json:
        print_json(_as_json(Outcome(folder, "", [], [], "", [])) | {"next": []})
    else:
        typer.echo(CONTAINERS_WORDS)


def report(outcome: Outcome, *, json: bool) -> None:
    """The letter, or all of it as JSON, on standard output; the rest beside it."""
    if json:
        print_json(_as_json(outcome))
        return
    typer.echo(outcome.letter, nl=False)
    for line in _closing(outcome):
        note(spelled(line))


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "folder": str(outcome.folder),
        "public_key": outcome.public_key,
        "written": [{"path": str(each.path), "in_place": not each.diff} for each in outcome.written],
        "open": [asdict(item) for item in outcome.items],
        "lint": list(outcome.findings),
        "next": next_commands(outcome.folder),
    }


def next_commands(folder: Path) -> list[str]:
    """What the operator does now, in order."""
    site = shlex.quote(str(folder / SITE_FILE))
    return [
        f"hosted-ce site lint {site}",
        f"hosted-ce site check --login-only --site {site}",
        f"hosted-ce serve --site {site}",
        "hosted-ce site check",
        "hosted-ce session begin --with PARTNER",
    ]


def _closing(outcome: Outcome) -> list[str]:
    lines = ["", *_files(outcome)]
    if outcome.findings:
        lines += ["", "site lint says:", *(f"  {each}" for each in outcome.findings)]
    lines += ["", "Still open:" if outcome.items else "Nothing is open."]
    lines += [f"  {item.owner}: {item.what} ({item.question})" for item in outcome.items]
    lines += ["", "Next, as the service's account:", *(f"  {each}" for each in next_commands(outcome.folder))]
    return [*lines, "An answer changes: --again QUESTION, or --QUESTION=ANSWER; then send the letter anew."]


def _files(outcome: Outcome) -> list[str]:
    lines = []
    for each in outcome.written:
        if each.diff:
            lines += [f"{each.path.with_suffix('')} was changed by hand, so that this is {each.path}:"]
            lines += each.diff.splitlines()
        else:
            lines.append(f"wrote {each.path}")
    return lines or [f"{outcome.folder} has it all already"]


def _key(path: Path, answers: Answers) -> str:
    resource = known(answers, "resource")
    try:
        line, made = ensure_key(path, f"hosted-ce {resource}" if resource else "hosted-ce")
    except FirstContactError as error:
        raise CliError(str(error)) from error
    if made:
        taken_down(None, "make_key", key=str(path), line=line)
    note(f"made the key {path}" if made else f"the key {path} stays as it is")
    return line


def _lint(path: Path) -> list[str]:
    found = linted(path)
    lines = [problem_line(path, problem) for problem in found.problems]
    return [*lines, *(each.describe() for each in found.findings)]


def _list(answers: Answers, question: str) -> list[str]:
    value = known(answers, question)
    return value if isinstance(value, list) else []
