"""Further options for PBS and LSF: what a site may add, and what it is told instead."""

from __future__ import annotations

import pytest

from hosted_ce.site.batch import lsf, pbs
from hosted_ce.site.errors import BadValue


@pytest.mark.parametrize(
    "text", ["-P physics", "-l feature=x", "-l host=n1,arch=linux", "-W group_list=osg", "-p -5"]
)
def test_pbs_takes(text: str) -> None:
    assert pbs.check_directive(text) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("-q long", "request.queue"),
        ("-A osg", "request.account"),
        ("-V x", "request.environment"),
        ("-V", "request.environment"),
        ("-l walltime=1:00", "request.walltime"),
        ("-l feature=x,mem=4gb", "request.memory"),
        ("-l select=2", "request.cpus"),
        ("-J 1-10", "these can be"),
        ("-t 1-10", "these can be"),
        ("-h", "these can be"),
        ("-W block=true", "group_list"),
        ("-W depend=afterok:1", "group_list"),
        ("-P a -h", "without #PBS"),
        ('-P "a b"', "without #PBS"),
        ("-P a\\", "without #PBS"),
        ("#PBS -P a", "these can be"),
        ("", "these can be"),
    ],
)
def test_pbs_refuses(text: str, hint: str) -> None:
    with pytest.raises(BadValue) as refused:
        pbs.check_directive(text)
    assert hint in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize("text", ["-app pilots", "-G osg", '-R "select[type==any]"', "-m 'hostA hostB'"])
def test_lsf_takes(text: str) -> None:
    assert lsf.check_directive(text) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("-q long", "request.queue"),
        ("-W 60", "request.walltime"),
        ("-H", "these can be"),
        ("-K", "these can be"),
        ("-app a -H", "each an item"),
        ("-app", "each an item"),
        ("-app 'a", "quote"),
        ("-R rusage[mem=1GB]", "request.memory"),
        ('-R "span[ptile=1]"', "one node"),
        ("", "these can be"),
    ],
)
def test_lsf_refuses(text: str, hint: str) -> None:
    with pytest.raises(BadValue) as refused:
        lsf.check_directive(text)
    assert hint in f"{refused.value} {refused.value.hint}"
