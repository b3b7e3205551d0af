"""Which batch system it is, and what the CE cannot find out about it."""

from __future__ import annotations

from hosted_ce.site_init.question import NONE, Answers, Question, fixed
from hosted_ce.site_init.questions.names import has_batch_system

CLUSTER = ("clusters", "main")


def _is_grid_engine(answers: Answers) -> bool:
    return has_batch_system(answers) and answers.get("batch") == "sge"


def one_core_only(answers: Answers) -> bool:
    """Grid Engine puts the slots of a job on one node by a parallel environment alone, and there is none."""
    return _is_grid_engine(answers) and answers.get("parallel_environment") == NONE


BATCH = (
    Question(
        "batch",
        "Batch system",
        "Which batch system runs jobs on your cluster. We use its own commands, as a user of yours would, "
        "and install nothing.",
        "slurm",
        "choice",
        asked_if=has_batch_system,
        choices={
            "slurm": "Slurm",
            "htcondor": "HTCondor",
            "pbs": "PBS Pro, OpenPBS or Torque",
            "lsf": "LSF",
            "sge": "one of the Grid Engines",
        },
        place=(*CLUSTER, "batch"),
    ),
    Question(
        "parallel_environment",
        "Parallel environment of Grid Engine",
        "Pilots use several cores of one node. In Grid Engine that takes a parallel environment with "
        "allocation_rule $pe_slots; `qconf -spl` lists yours. Without one, pilots have one core each.",
        "smp",
        "word_or_none",
        unknown="the parallel environment that puts all slots of a job on one node",
        asked_if=_is_grid_engine,
        place=(*CLUSTER, "batch_options", "parallel_environment"),
    ),
    Question(
        "memory_resource",
        "Memory resource of Grid Engine",
        "The name of the resource by which jobs ask for memory for each slot, if your jobs have to; `qconf "
        "-sc` lists them.",
        "h_vmem",
        "word_or_none",
        default=fixed(NONE),
        unknown="the resource by which jobs ask for memory",
        asked_if=_is_grid_engine,
        place=(*CLUSTER, "batch_options", "memory_resource"),
    ),
    Question(
        "batch_path",
        "Folder of the batch system's commands",
        "Only where a command that comes by SSH does not find them. Try it: `ssh login.example.edu which "
        "sbatch` (or qsub, bsub, condor_submit). If that prints a path, the answer is none; else write the "
        "folder in which they are.",
        "/opt/slurm/bin",
        "folder_or_none",
        default=fixed(NONE),
        unknown="where the batch system's commands are, if SSH does not find them",
        asked_if=has_batch_system,
        place=(*CLUSTER, "path"),
    ),
)
