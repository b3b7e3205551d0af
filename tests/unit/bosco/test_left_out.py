"""Nodes that a job must not run on: what each batch system is told, besides the site's own words."""

from __future__ import annotations

import pytest

from bosco.batch.htcondor.job import description
from bosco.batch.left_out import NODE
from bosco.batch.lsf.codec import Lsf
from bosco.batch.model import BatchRequest, CommandResult, InputFile
from bosco.batch.pbs.codec import Pbs
from bosco.batch.sge.codec import GridEngine
from bosco.batch.slurm.codec import Slurm
from bosco.errors import Failed, Refusal
from hosted_ce.pilots import avoidance

FOLDER = "/home/site/hosted-ce/pilots/habcdefghijklmn"


def request(*nodes: str, extra: tuple[str, ...] = ()) -> BatchRequest:
    inputs = (InputFile("pilot.sh", "0" * 64, executable=True),)
    return BatchRequest(
        "habcdefghijklmn", "pilot.sh", inputs, walltime_s=3600, extra=extra, left_out=nodes
    )  # fmt: skip


def slurm(*nodes: str, extra: tuple[str, ...] = ()) -> list[str]:
    script = Slurm().script(request(*nodes, extra=extra), FOLDER).decode()
    lines = [line.removeprefix("#SBATCH ") for line in script.splitlines() if line.startswith("#SBATCH ")]
    return lines[lines.index("--signal=B:TERM@120") + 1 :]


def sge(*nodes: str, extra: tuple[str, ...] = ()) -> list[str]:
    """What is asked for with -l, besides the walltime."""
    argv = GridEngine().submission(request(*nodes, extra=extra), FOLDER).argv
    return [argv[i + 1] for i, word in enumerate(argv) if word == "-l"][1:]


@pytest.mark.parametrize(
    ("extra", "lines"),
    [
        ((), ["--exclude=n1,n-2.a.edu"]),
        (("--nice=5",), ["--nice=5", "--exclude=n1,n-2.a.edu"]),
        (("--exclude=x[1-3]", "--nice=5"), ["--nice=5", "--exclude=n1,n-2.a.edu,x[1-3]"]),
        (("-x x1", "--exclude x2", "-xx3"), ["--exclude=n1,n-2.a.edu,x1,x2,x3"]),
        (('--exclude="x1,x2"',), ["--exclude=n1,n-2.a.edu,x1,x2"]),
        (("--exclusive=user",), ["--exclusive=user", "--exclude=n1,n-2.a.edu"]),
    ],
)
def test_slurm_goes_by_one_exclude(extra: tuple[str, ...], lines: list[str]) -> None:
    assert slurm("n1", "n-2.a.edu", extra=extra) == lines
    assert slurm(extra=extra) == list(extra)


@pytest.mark.parametrize(
    ("extra", "asked"),
    [
        ((), ["h=!(n1|n2)"]),
        (("-l arch=lx", "-P physics"), ["arch=lx", "h=!(n1|n2)"]),
        (("-l 'arch=lx, hostname=x1|x2'",), ["arch=lx", "h=(x1|x2)&!(n1|n2)"]),
        (("-l h=x1", "-l h=x2"), ["h=(x2)&!(n1|n2)"]),
        (("-l h=x1,arch=lx,h=x2",), ["arch=lx", "h=(x2)&!(n1|n2)"]),
    ],
)
def test_grid_engine_goes_by_one_host(extra: tuple[str, ...], asked: list[str]) -> None:
    assert sge("n1", "n2", extra=extra) == asked


def test_grid_engines_other_options_stay() -> None:
    argv = GridEngine().submission(request("n1", extra=("-P physics", "-l h=x1")), FOLDER).argv
    assert argv[argv.index("-P") + 1] == "physics"
    assert sge(extra=("-l 'arch=lx, h=x1'",)) == ["arch=lx, h=x1"]


def test_lsf_selects_another_host() -> None:
    argv = Lsf().submission(request("n1", "n-2"), FOLDER).argv
    assert argv[argv.index("-R") + 1] == (
        "select[hname!='n1' && hname!='n-2'] span[hosts=1] rusage[mem=2000MB]"
    )


def test_htcondor_requires_another_machine() -> None:
    lines = description(request("n1", "n-2", extra=("requirements = HasCVMFS",)), domain=None)
    assert (
        "requirements = JobCurrentStartExecutingDate =?= undefined && "
        'stringListIMember(TARGET.Machine, "n1,n-2") =!= true && (HasCVMFS)'
    ) in lines.splitlines()


def test_pbs_cannot_and_says_so() -> None:
    for flavour in ("openpbs", "torque"):
        with pytest.raises(Failed) as error:
            Pbs(flavour).submission(request("n1"), FOLDER)
        assert error.value.refusal is Refusal.PERMANENT


@pytest.mark.parametrize(
    "name", ["", "n1\n", "n1,n2", "n[1-2]", "-n1", 'n"1', "n 1", "n'1", "n|1", "n" * 254]
)
def test_nothing_else_than_a_name_gets_into_a_request(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a node"):
        request("n1", name)
    assert avoidance.NODE.pattern == NODE.pattern


def test_SL22_slurm_refuses_a_node_that_it_does_not_know_for_good() -> None:
    """Seen with 22.05; what leaves no node is refused with words that --nodelist gives as well."""
    for reason in (b"Invalid node name specified", b"Requested node configuration is not available"):
        said = b"sbatch: error: Batch job submission failed: " + reason + b"\n"
        with pytest.raises(Failed) as error:
            Slurm().submitted(CommandResult(1, b"", said))
        assert error.value.refusal is Refusal.PERMANENT
