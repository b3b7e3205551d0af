"""Extra lines of a submit description file: what a site may add, and what is the CE's."""

from __future__ import annotations

import pytest

from hosted_ce.site.batch.htcondor import check_directive
from hosted_ce.site.errors import BadValue


@pytest.mark.parametrize(
    "text",
    [
        "+WantCVMFS = true",
        'My.ProjectName = "osg"',
        "rank = Memory",
        "request_disk = 20 GB",
        "requirements = (OpSysMajorVer == 9) && HasCVMFS",
        'requirements = Machine != "a)b"',
        "concurrency_limits = osg",
    ],
)
def test_lines_that_change_nothing_of_the_ces_pass_unchanged(text: str) -> None:
    assert check_directive(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "+Requirements = true", "My.PeriodicRemove = false", "+leavejobinqueue = false", "MY.HostedCEStamp=1",
        "executable = /bin/true", "queue", "queue 5", "include : /etc/passwd", "request_cpus = 9",
        "transfer_output_files = x", "should_transfer_files = NO", "hold = true", "periodic_release = true",
        "requirements = true) || (true", 'requirements = "a', "requirements = (a", "rank = $(HOME)",
        "+X = 1 \\", "max_retries = 5", "", "=", "+ = 1", "universe = local",
    ],
)  # fmt: skip
def test_lines_that_are_the_ces_are_refused(text: str) -> None:
    with pytest.raises(BadValue):
        check_directive(text)


def test_the_refusal_says_what_to_write_instead() -> None:
    with pytest.raises(BadValue, match="cannot be given here") as refused:
        check_directive("request_memory = 4 GB")
    assert "request.memory" in str(refused.value.__dict__)
