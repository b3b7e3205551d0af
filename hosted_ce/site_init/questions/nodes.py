"""What worker nodes see, and where pilots may work."""

from __future__ import annotations

from hosted_ce.site_init.question import NONE, Answers, Question, fixed
from hosted_ce.site_init.questions.batch import CLUSTER
from hosted_ce.site_init.questions.names import has_batch_system

HOME, FOLDER, NOTHING = "home", "folder", "nothing"


def _own_folder(answers: Answers) -> bool:
    return has_batch_system(answers) and answers.get("shared") == FOLDER


def _one_domain(answers: Answers) -> bool:
    shares = answers.get("shared") in (HOME, FOLDER)
    return has_batch_system(answers) and answers.get("batch") == "htcondor" and shares


NODES = (
    Question(
        "shared",
        "What login and worker nodes share",
        "A job's script and files lie in a folder that both see, and its output comes back through it; a "
        "few GB are enough. Usually that is the account's home. Any other shared folder is as good. Without "
        "one, files travel with each job, which Slurm, PBS and HTCondor can do, and Grid Engine and LSF "
        "cannot.",
        "home",
        "choice",
        default=fixed(HOME),
        unknown="which folder login and worker nodes share",
        asked_if=has_batch_system,
        choices={
            HOME: "worker nodes see the account's home",
            FOLDER: "they share another folder",
            NOTHING: "they share nothing",
        },
    ),
    Question(
        "spool",
        "The shared folder",
        "A folder of its own for us, on a file system that login and worker nodes share, and that belongs "
        "to the account.",
        "/project/osg01/hosted-ce",
        "spool",
        unknown="the folder that login and worker nodes share",
        asked_if=_own_folder,
        place=(*CLUSTER, "spool"),
        stands_in="~/hosted-ce",
    ),
    Question(
        "filesystem_domain",
        "FILESYSTEM_DOMAIN of the HTCondor pool",
        "HTCondor uses a shared folder only between machines of one FILESYSTEM_DOMAIN; "
        "`condor_config_val FILESYSTEM_DOMAIN` on a worker node prints it.",
        "cluster.example.edu",
        "word",
        unknown="the FILESYSTEM_DOMAIN of the nodes",
        asked_if=_one_domain,
        place=(*CLUSTER, "batch_options", "filesystem_domain"),
        stands_in="cluster.example.edu",
    ),
    Question(
        "scratch",
        "Scratch folder on worker nodes",
        "Where pilots work: a folder on the node's own disk, if it can be, in which any user may make "
        "folders and execute files (not mounted noexec). Researchers' jobs need about 10 GB for each core.",
        "/scratch",
        "folder",
        default=fixed("/tmp"),  # noqa: S108 - what most sites have; nothing is made there
        unknown="where pilots may write and execute files on worker nodes",
        asked_if=has_batch_system,
        place=(*CLUSTER, "scratch"),
        stands_in="/tmp",  # noqa: S108
    ),
    Question(
        "squid",
        "HTTP proxy (squid) near the worker nodes",
        "Software and data that many jobs need come by HTTP; a proxy at your site keeps them off your "
        "uplink. It is not needed, but worth having on a large cluster.",
        "squid.example.edu:3128",
        "host_port_or_none",
        default=fixed(NONE),
        unknown="whether there is an HTTP proxy for worker nodes",
        asked_if=has_batch_system,
        place=(*CLUSTER, "squid"),
    ),
)
