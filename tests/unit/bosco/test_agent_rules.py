"""An installed agent lets through what a CE needs, and its rules know every command of the codecs."""

from __future__ import annotations

import getpass
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confined import FULL, PLAIN, asked, guard, submission

from bosco.agent.spool import Refused
from bosco.batch.model import CommandResult, InputFile
from bosco.batch.registry import SYSTEMS, batch_system
from bosco.quota import COMMAND as QUOTA

ME = getpass.getuser()
WAYS: list[tuple[str, dict[str, Any]]] = [
    ("slurm", {}), ("slurm", {"shared_home": False}), ("slurm", {"arrays": True}),
    ("pbs", {}), ("pbs", {"flavour": "torque"}),
    ("pbs", {"shared_home": False}), ("pbs", {"shared_home": False, "stage_host": "login.cluster"}),
    ("sge", {}), ("sge", {"memory_resource": "h_vmem"}), ("lsf", {}), ("htcondor", {}),
    ("htcondor", {"filesystem_domain": "campus.example"}),
]  # fmt: skip
ANSWERS = [
    CommandResult(0, b"", b""),
    CommandResult(1, b"", b"no"),
    CommandResult(0, b"17\n4711\n", b""),
    CommandResult(0, b"pbs_version = 23.06.06\n", b""),
    CommandResult(0, b"", b"Version: 6.1.3\n"),
    CommandResult(0, b"AccountingStorageEnforce = associations\nPartitionName=a AllowGroups=osg\n", b""),
    CommandResult(0, b"17\x1fhaaaabbbbccccdd\x1fRUNNING" + b"\x1f0" * 8 + b"\x1f\n", b""),
]


@pytest.mark.parametrize(("batch", "how"), WAYS)
def test_every_submission_of_the_codecs_is_let_through(batch: str, how: dict[str, Any], spool: Path) -> None:
    codec = batch_system(batch, how)
    inputs = (*PLAIN.inputs, InputFile("token", "1" * 64))
    carried = replace(PLAIN, inputs=inputs, credentials=("token",), scratch="/tmp")
    for request in (PLAIN, carried, replace(PLAIN, whole_node=True), replace(PLAIN, **FULL[batch])):
        header, body = submission(codec, request, spool)
        guard(batch, spool)(header, body)


@pytest.mark.parametrize(("batch", "how"), WAYS)
def test_everything_that_they_ask_is_let_through(batch: str, how: dict[str, Any], spool: Path) -> None:
    confined, names = guard(batch, spool), set()
    for header in asked(batch_system(batch, how), ME, ANSWERS):
        confined(header, b"")
        names.add(header["argv"][0])
    assert set(batch_system(batch, how).tools) - {"sbatch", "qsub", "bsub", "condor_submit", "srun"} <= names
    confined({"op": "run", "argv": list(QUOTA.argv)}, b"")


def test_SL14_of_several_clusters_the_administrator_names_the_one(spool: Path) -> None:
    confined, plain = guard("slurm", spool, "--cluster", "campus"), guard("slurm", spool)
    for how in ({"cluster": "campus"}, {"cluster": "campus", "arrays": True}):
        codec = batch_system("slurm", how)
        header, body = submission(codec, PLAIN, spool)
        confined(header, body)
        with pytest.raises(Refused, match="what a CE needs"):
            plain(header, body)
        for header in asked(codec, ME, ANSWERS):
            confined(header, b"")
    for codec in (batch_system("slurm"), batch_system("slurm", {"cluster": "other"})):
        with pytest.raises(Refused, match="for cluster campus, and no other"):
            confined(*submission(codec, PLAIN, spool))


@pytest.mark.parametrize(
    ("corpus", "batch"), [("slurm-22.05", "slurm"), ("gridengine-8.1.9", "sge"), ("htcondor-25", "htcondor")]
)
def test_every_recorded_probe_is_let_through(corpus: str, batch: str, spool: Path) -> None:
    folder = Path(__file__).parents[2] / "corpora" / corpus
    recorded = sorted(folder.glob("probe-*.argv"))
    assert recorded
    for path in recorded:
        argv = [word.replace("hce-site", ME) for word in json.loads(path.read_text())]
        guard(batch, spool)({"op": "run", "argv": argv}, b"")


@pytest.mark.parametrize("batch", sorted(FULL))
def test_what_looks_like_a_directive_in_a_pilot_s_own_words_is_let_through(batch: str, spool: Path) -> None:
    """It comes from a factory: a pilot that is refused for it would make all others of the site wait."""
    value = "a\n#SBATCH --uid=0\n \t#PBS -W x=y\r\n#BSUB it's\n"
    request = replace(PLAIN, environment={"VALUE": value}, prologue=f"cat <<E\n{value}\nE")
    codec = batch_system(batch, {"flavour": "openpbs"} if batch == "pbs" else {})
    guard(batch, spool)(*submission(codec, request, spool))


def test_there_are_rules_for_every_batch_system(spool: Path) -> None:
    for batch in SYSTEMS:
        with pytest.raises(Refused):
            guard(batch, spool)({"op": "run", "argv": ["true"]}, b"")
