"""What one pilot asks the batch system for, and how many there may be."""

from __future__ import annotations

from hosted_ce.site_init.question import NONE, UNKNOWN, Answers, Place, Question, fixed, known
from hosted_ce.site_init.questions.batch import one_core_only
from hosted_ce.site_init.questions.names import has_batch_system

WITHOUT_QOS = ("htcondor", "lsf", "sge")
_IDLE = 10


def _asks(key: str) -> Place:
    return ("routes", "default", "request", key)


def _has_qos(answers: Answers) -> bool:
    return has_batch_system(answers) and answers.get("batch") not in WITHOUT_QOS


def has_gpus(answers: Answers) -> bool:
    """Whether pilots with GPUs may come, by a route of their own."""
    return has_batch_system(answers) and bool(known(answers, "gpus"))


def _two_gb_for_each_core(answers: Answers) -> str:
    cpus = known(answers, "cpus")
    return f"{2 * int(cpus)} GB" if isinstance(cpus, int) else "16 GB"


def _eight_if_possible(answers: Answers) -> str:
    return "1" if one_core_only(answers) else "8"


def _some_of_them(answers: Answers) -> str:
    pilots = known(answers, "pilots")
    return str(min(_IDLE, int(pilots)) if isinstance(pilots, int) else _IDLE)


def _same_queue(answers: Answers) -> str | None:
    queue = str(answers.get("queue", UNKNOWN))
    return None if queue == UNKNOWN else queue


PILOTS = (
    Question(
        "queue",
        "Partition or queue",
        "Where our jobs go. A partition with low priority, or one whose jobs may be preempted, is fine. "
        "Answer none to use the cluster's default.",
        "osg",
        "word_or_none",
        unknown="which partition or queue we may use",
        asked_if=has_batch_system,
        place=_asks("queue"),
    ),
    Question(
        "charge",
        "Account that the batch system charges",
        "The account, project or group under which the batch system books our jobs (sbatch --account, qsub "
        "-A, bsub -P). It is not the Unix account. Answer none where jobs need none.",
        "osgproject",
        "word_or_none",
        unknown="which account the batch system charges",
        asked_if=has_batch_system,
        place=_asks("account"),
    ),
    Question(
        "qos",
        "Quality of service",
        "A QOS that our jobs have to ask for, if you have one for guests or for preemptible jobs. With PBS, "
        "only Moab and Maui have them.",
        "opportunistic",
        "word_or_none",
        default=fixed(NONE),
        unknown="which QOS we ask for",
        asked_if=_has_qos,
        place=_asks("qos"),
    ),
    Question(
        "whole_node",
        "Whether each pilot gets a whole node",
        "A pilot is one job on one node, and divides what it gets among researchers' jobs. Answer yes where "
        "your cluster gives out whole nodes only; else no.",
        "no",
        "truth",
        default=fixed("no"),
        asked_if=has_batch_system,
        place=_asks("whole_node"),
    ),
    Question(
        "cpus",
        "Cores of a pilot",
        "How many cores one job of ours asks for. Eight is usual; it should divide the cores of a node, so "
        "that none are left over.",
        "8",
        "cores",
        default=_eight_if_possible,
        asked_if=has_batch_system,
        place=_asks("cpus"),
    ),
    Question(
        "memory",
        "Memory of a pilot",
        "For the whole job, not for each core. Two GB for each core is usual, and one GB the least.",
        "16 GB",
        "memory",
        default=_two_gb_for_each_core,
        asked_if=has_batch_system,
        place=_asks("memory"),
    ),
    Question(
        "walltime",
        "Longest time that a pilot may run",
        "At most the limit of the partition. Pilots that run for days serve more researchers' jobs than "
        "short ones; 24 hours is the least that makes sense.",
        "72h",
        "walltime",
        default=fixed("72h"),
        asked_if=has_batch_system,
        place=_asks("walltime"),
    ),
    Question(
        "pilots",
        "Most pilots at the same time",
        "How many jobs of ours may be at your cluster, waiting and running together. This CE keeps to it "
        "exactly, and you can change it at any time. We begin with two and come to it by steps.",
        "32",
        "number",
        default=fixed("32"),
        unknown="how many pilots there may be",
        asked_if=has_batch_system,
        place=("routes", "default", "limits", "pilots"),
        stands_in=2,
    ),
    Question(
        "idle",
        "Most pilots that wait in the queue",
        "How many of them may wait in your queue at the same time. A few are enough to fill what becomes "
        "free.",
        "10",
        "number",
        default=_some_of_them,
        unknown="how many pilots may wait in the queue",
        asked_if=has_batch_system,
        place=("routes", "default", "limits", "idle"),
        stands_in=1,
    ),
    Question(
        "gpus",
        "GPUs of a pilot on GPU nodes",
        "If GPUs are contributed, too: how many one pilot asks for; 0 if there are none. Such pilots get a "
        "route of their own. GPU jobs need CVMFS on the nodes.",
        "1",
        "gpus",
        default=fixed("0"),
        asked_if=has_batch_system,
        place=("routes", "gpu", "request", "gpus"),
    ),
    Question(
        "gpu_queue",
        "Partition or queue of the GPU nodes",
        "Where pilots with GPUs go. Answer none to use the cluster's default.",
        "gpu",
        "word_or_none",
        default=_same_queue,
        unknown="which partition or queue the GPU nodes have",
        asked_if=has_gpus,
        place=("routes", "gpu", "request", "queue"),
    ),
    Question(
        "gpu_pilots",
        "Most pilots with GPUs at the same time",
        "How many pilots with GPUs may be at your cluster, waiting and running together.",
        "8",
        "number",
        default=fixed("8"),
        unknown="how many pilots with GPUs there may be",
        asked_if=has_gpus,
        place=("routes", "gpu", "limits", "pilots"),
        stands_in=2,
    ),
)
