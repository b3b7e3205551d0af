"""Routes in site files: expressions, limits, windows, HTCondor-CE's files; and what is told of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.site import Formula, SiteFileError, load_site

HEAD = """\
site: Example-University
resource: Example-CE1
clusters:
  main: {batch: slurm, login: [{host: a.example.edu}], account: osg01, key: /k, known_hosts: /h,
         limits: {pilots: 500, cores: 4000}}
routes:
"""


def load(folder: Path, routes: str) -> object:
    (folder / "x.yaml").write_text(HEAD + routes)
    return load_site(folder / "x.yaml")


def refusal(folder: Path, routes: str) -> str:
    with pytest.raises(SiteFileError) as error:
        load(folder, routes)
    (problem,) = error.value.problems
    return f"{problem.path}: {problem.message}; {problem.hint}"


def test_values_may_be_expressions(tmp_path: Path) -> None:
    site = load(
        tmp_path,
        """\
  - name: a
    request: {cpus: "= xcount * 2", memory: "=maxMemory ?: 4096", walltime: "= 3600", queue: '= "q"',
              gpus: "= RequestGPUs", whole_node: "= xcount > 64", qos: "= q", constraint: "= c"}
""",
    )
    asked = site.routes[0].request  # type: ignore[attr-defined]
    assert asked.cpus == Formula("xcount * 2")
    assert asked.memory == Formula("maxMemory ?: 4096")
    assert asked.walltime == Formula("3600")
    assert (asked.queue, asked.gpus) == (Formula('"q"'), Formula("RequestGPUs"))
    again = type(site).model_validate(site.model_dump(mode="json", exclude_unset=True))  # type: ignore[attr-defined]
    assert again == site


def test_plain_values_stay_what_they_are(tmp_path: Path) -> None:
    site = load(
        tmp_path,
        """\
  - name: a
    request: {cpus: 8, memory: 16 GB, walltime: 72h, gpu_type: a100, constraint: "intel&[rack1|rack2]*2"}
""",
    )
    asked = site.routes[0].request  # type: ignore[attr-defined]
    assert (asked.cpus, asked.memory, asked.walltime) == (8, 16_384, 259_200)
    assert (asked.gpu_type, asked.constraint) == ("a100", "intel&[rack1|rack2]*2")


def test_every_kind_of_limit(tmp_path: Path) -> None:
    site = load(
        tmp_path,
        """\
  - name: a
    if_full: next
    limits:
      running: 80
      cores: 640
      submits_per_minute: 30
      per_vo: {OSPool: {pilots: 50}, "*": {idle: 1}}
      windows:
        - {days: [mon, fri], begin: "08:00", end: "18:00", timezone: America/Chicago, pilots: 20}
""",
    )
    route = site.routes[0]  # type: ignore[attr-defined]
    assert (route.if_full, route.limits.running, route.limits.cores) == ("next", 80, 640)
    assert route.limits.per_vo["OSPool"].pilots == 50
    assert route.limits.windows[0].days == ("mon", "fri")
    assert site.clusters["main"].limits.cores == 4000  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ("request: {cpus: '='}", "routes[0].request.cpus: there is no expression behind the ="),
        ("request: {cpus: eight}", "routes[0].request.cpus: a whole number is expected here"),
        ("request: {cpus: 0}", "routes[0].request.cpus: 0 is too small"),
        ("request: {memory: 16}", "routes[0].request.memory: 16 has no unit"),
        ("request: {constraint: a b}", 'routes[0].request.constraint: "a b" has a space as character 2'),
        ("request: {queue: a;b}", "routes[0].request.queue: "),
        ("limits: {windows: [{begin: 8, end: '18:00', pilots: 1}]}",
         "routes[0].limits.windows[0].begin: a time of the day is expected here, not the number 8"),
        ("limits: {windows: [{begin: '08:00', end: '24:00', pilots: 1}]}",
         'routes[0].limits.windows[0].end: "24:00" is not a time of the day'),
        ("limits: {windows: [{begin: '08:00', end: '18:00', pilots: 1, timezone: Mars/Base}]}",
         'routes[0].limits.windows[0].timezone: "Mars/Base" is not a time zone'),
        ("limits: {windows: [{begin: '08:00', end: '18:00', pilots: 1, days: [monday]}]}",
         'routes[0].limits.windows[0].days[0]: "monday" is not a day of the week'),
        ("limits: {windows: [{begin: '08:00', end: '18:00'}]}",
         "routes[0].limits.windows[0]: the window limits nothing; add pilots:"),
        ("limits: {per_vo: {'a b': {pilots: 1}}}", "routes[0].limits.per_vo"),
        ("limits: {submits_per_minute: 0}", "routes[0].limits.submits_per_minute: 0 is too small"),
        ("if_full: wat", "routes[0].if_full: "),
        ("htcondor: {files: []}", "routes[0].htcondor.files: there is nothing in it"),
        ("htcondor: {files: [a.conf]}\n    when: 'true'",
         "routes[0]: when cannot be beside htcondor:, whose routes say that themselves"),
        ("htcondor: {files: [a.conf]}\n    limits: {pilots: 4}", "routes[0]: only submits_per_minute"),
        ("htcondor: {files: [a.conf], clusters: {x: elsewhere}}",
         'routes[0].htcondor.clusters.x: there is no cluster "elsewhere"'),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, routes: str, said: str) -> None:
    assert said in refusal(tmp_path, f"  - name: a\n    {routes}\n")
