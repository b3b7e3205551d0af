"""A node that a job must run on: what each batch system is told, besides the site's own words."""

from __future__ import annotations

import pytest

from bosco.batch.htcondor.job import description
from bosco.batch.lsf.codec import Lsf
from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.pbs.codec import Pbs
from bosco.batch.sge.codec import GridEngine
from bosco.batch.slurm.codec import Slurm

FOLDER = "/home/site/hosted-ce/pilots/habcdefghijklmn"


def request(
    node: str | None = "n-1.a.edu", left_out: tuple[str, ...] = (), extra: tuple[str, ...] = ()
) -> BatchRequest:
    inputs = (InputFile("pilot.sh", "0" * 64, executable=True),)
    return BatchRequest(
        "habcdefghijklmn", "pilot.sh", inputs, walltime_s=600, cpus=2, extra=extra, left_out=left_out,
        node=node,
    )  # fmt: skip


def directives(script: bytes, prefix: str) -> list[str]:
    return [line.removeprefix(prefix) for line in script.decode().splitlines() if line.startswith(prefix)]


def test_slurm_goes_by_the_last_nodelist() -> None:
    script = Slurm().script(request(left_out=("n2",), extra=("--nodelist=x",)), FOLDER)
    assert directives(script, "#SBATCH ")[-3:] == ["--nodelist=x", "--exclude=n2", "--nodelist=n-1.a.edu"]


@pytest.mark.parametrize(
    ("left_out", "extra", "asked"),
    [
        ((), (), "h=n-1.a.edu"),
        (("n2",), (), "h=!(n2)&n-1.a.edu"),
        ((), ("-l hostname=x*",), "h=(x*)&n-1.a.edu"),
    ],
)
def test_grid_engine_goes_by_one_host(left_out: tuple[str, ...], extra: tuple[str, ...], asked: str) -> None:
    argv = GridEngine().submission(request(left_out=left_out, extra=extra), FOLDER).argv
    assert [argv[i + 1] for i, word in enumerate(argv) if word == "-l"][1:] == [asked]


def test_htcondor_requires_the_machine() -> None:
    lines = description(request(extra=("requirements = HasCVMFS",)), domain=None).splitlines()
    assert (
        "requirements = JobCurrentStartExecutingDate =?= undefined && "
        'TARGET.Machine == "n-1.a.edu" && (HasCVMFS)'
    ) in lines


def test_lsf_names_the_host() -> None:
    argv = Lsf().submission(request(), FOLDER).argv
    assert argv[argv.index("-m") + 1] == "n-1.a.edu"


def test_pbs_names_it_in_its_chunk_and_torque_in_its_nodes() -> None:
    asked = [
        directives(Pbs(flavour).submission(request(), FOLDER).files[f"job.{flavour}"], "#PBS -l ")[0]
        for flavour in ("openpbs", "torque")
    ]
    assert asked == ["select=1:ncpus=2:mem=2000mb:host=n-1.a.edu", "nodes=n-1.a.edu:ppn=2"]


def test_without_one_nothing_is_said() -> None:
    assert "nodelist" not in Slurm().script(request(None), FOLDER).decode()
    assert "-m" not in Lsf().submission(request(None), FOLDER).argv
    assert "Machine" not in description(request(None), domain=None)


@pytest.mark.parametrize(
    "name", ["", "n1\n", "n1,n2", "n[1-2]", "-n1", 'n"1', "n 1", "n'1", "n|1", "n" * 254]
)
def test_nothing_else_than_a_name_gets_into_a_request(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a node"):
        request(name)
