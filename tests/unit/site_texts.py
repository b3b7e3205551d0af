"""A site file that is good, and what is told of one that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.site import Problem, SiteFileError, load_site

GOOD = """\
site: Example-University
resource: Example-CE1
clusters:
  main:
    batch: slurm
    login:
      - host: login.example.edu
        port: 2222
    account: osg01
    key: /etc/hosted-ce/osg01.key
    known_hosts: /etc/hosted-ce/known_hosts
routes:
  - name: default
    request:
      cpus: 8
      memory: 16 GB
      walltime: 72h
      queue: osg
    limits:
      pilots: 100
      idle: 10
"""

HERE = "⌖"
"""Stands in a test's text where the problem must be reported; it is not written to the file."""


def write(folder: Path, text: str) -> Path:
    path = folder / "x.yaml"
    path.write_text(text.replace(HERE, ""), encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def places_of(text: str) -> list[tuple[int, int]]:
    places = []
    for number, line in enumerate(text.split("\n"), start=1):
        for nth, piece in enumerate(line.split(HERE)[:-1]):
            before = line.split(HERE)[:nth]
            places.append((number, len("".join([*before, piece])) + 1))
    return places


def problems_of(folder: Path, text: str) -> tuple[Problem, ...]:
    with pytest.raises(SiteFileError) as raised:
        load_site(write(folder, text))
    return raised.value.problems


def only_problem(folder: Path, text: str) -> Problem:
    """The one problem of the text, checked to be where the text says."""
    problems = problems_of(folder, text)
    assert [(problem.line, problem.column) for problem in problems] == places_of(text), problems
    assert len(problems) == 1
    return problems[0]
