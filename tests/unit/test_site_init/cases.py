"""Answers of some sites."""

from __future__ import annotations

from pathlib import Path

from hosted_ce.site_init.kinds import read_answer
from hosted_ce.site_init.question import UNKNOWN, Value
from hosted_ce.site_init.questions import BY_ID
from hosted_ce.site_init.site_draft import Files
from hosted_ce.site_init.standing import next_question

FILES = Files(Path("/etc/hosted-ce/site.key"), Path("/etc/hosted-ce/known_hosts"))
PUBLIC_KEY = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ{'0' * 43} hosted-ce Tundra-CE1"
LINE = f'restrict,from="192.0.2.10,2001:db8::/64" {PUBLIC_KEY}'
FINGERPRINT = "SHA256:wl5Tq0yR6mS1Uj9v3b7cXk2nE8fGhZpD4aLoQiWrYtM"

SLURM = {
    "option": "1a",
    "site": "Tundra-College",
    "resource": "Tundra-CE1",
    "contacts": "hpc@tundra.example.edu",
    "batch": "slurm",
    "login": "login1.tundra.example.edu, login2.tundra.example.edu:2222",
    "fingerprints": FINGERPRINT,
    "our_addresses": "192.0.2.10, 2001:db8::/64",
    "queue": "osg",
    "charge": "osgproject",
    "gpus": "1",
    "gpu_queue": "gpu",
    "door_host": "tundra-ce1.svc.osg-htc.org",
}


def answered(**written: str) -> dict[str, Value]:
    """These answers, and the default, the example or what is unknown for each question that is left."""
    answers: dict[str, Value] = {name: read_answer(BY_ID[name], text) for name, text in written.items()}
    while question := next_question(answers):
        default = question.default(answers)
        text = default if default is not None else question.example
        answers[question.id] = read_answer(question, text)
    return answers


def little_known(**written: str) -> dict[str, Value]:
    """These answers, and `unknown` wherever that can be."""
    answers: dict[str, Value] = {name: read_answer(BY_ID[name], text) for name, text in written.items()}
    while question := next_question(answers):
        text = UNKNOWN if question.unknown else question.default(answers) or question.example
        answers[question.id] = read_answer(question, text)
    return answers
