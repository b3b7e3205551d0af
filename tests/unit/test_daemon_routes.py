"""What the site file gives to routing."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.daemon.site_file.routes import table_of
from hosted_ce.site import load_site

SITE = """\
site: Example-University
resource: Example-CE1
clusters:
  full:
    {batch: slurm, login: [{host: a.example.edu}], account: osg01, key: /k, known_hosts: /h,
     scratch: /scratch, squid: "squid.example.edu:3128"}
  bare: {batch: slurm, login: [{host: b.example.edu}], account: osg02, key: /k, known_hosts: /h}
routes:
  - {name: one, cluster: full, request: {environment: {OSG_WN_TMP: /mine}}}
  - {name: two, cluster: bare}
"""
DOOR = """\
front_door: {host: ce.example.edu, port: 9620, certificate: /c.pem, certificate_key: /c.key}
"""


def test_the_base_environment_comes_from_the_cluster_and_the_door(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(SITE + DOOR)
    one, two = table_of(load_site(tmp_path / "x.yaml"), tmp_path).routes
    door = {"CONDORCE_COLLECTOR_HOST": "ce.example.edu:9620"}
    cluster = {"OSG_WN_TMP": "/scratch", "OSG_SQUID_LOCATION": "squid.example.edu:3128"}
    assert one.base_environment == {**door, **cluster}
    assert one.environment == {"OSG_WN_TMP": "/mine"}
    assert two.base_environment == door


def test_a_site_that_says_nothing_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(SITE)
    assert table_of(load_site(tmp_path / "x.yaml"), tmp_path).routes[1].base_environment == {}


@pytest.mark.parametrize(
    ("batch", "wrong", "right"), [("slurm", "--time=1", "--nice=5"), ("sge", "-l h_rt=10", "-P physics")]
)
def test_a_directive_that_a_pilot_brings_is_judged_by_its_clusters_batch_system(
    tmp_path: Path, batch: str, wrong: str, right: str
) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "site: S\nresource: R\nclusters:\n"
        f"  main: {{batch: {batch}, transport: local, account: osg01}}\nroutes: [{{name: default}}]\n"
    )
    check = table_of(load_site(path), tmp_path).clusters["main"].check_extra
    assert "set by the CE" in (check(wrong) or "")
    assert check(right) is None
    assert check(right + "\n-h")
