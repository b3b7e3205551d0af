"""Checks of the batch system, and of the site file's routes against it."""

from __future__ import annotations

from hosted_ce.checks.kind import CheckKind, Family, Where

BATCH = (
    CheckKind(
        id="BS-3",
        name="batch-commands",
        title="The batch system's commands are found",
        why="The CE submits, lists and cancels by the batch system's own commands at the login node.",
        todo="Find their folder in a login shell (`command -v sbatch qsub condor_submit`), and write it "
        "into the cluster's `path` in the site file, or put it on the PATH that a shell gets that is no "
        "login shell.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("AC-6",),
    ),
    CheckKind(
        id="CL-1",
        name="batch-answers",
        title="The batch system answers",
        why="While its controller is away, nothing can be submitted, seen or cancelled.",
        todo="Look after the batch system's server (slurmctld, pbs_server, sge_qmaster, condor_schedd). "
        "Pilots that run are not touched meanwhile; the CE goes on by itself.",
        family=Family.CL,
        where=Where.BATCH_SYSTEM,
        needs=("BS-3",),
    ),
    CheckKind(
        id="BS-1",
        name="batch-system",
        title="The batch system is the one that the site file says, and can be used",
        why="Each batch system is asked in its own words, and a few settings of a site keep jobs like "
        "ours out.",
        todo="Mend `batch` in the site file, or do what is said beside it.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1",),
    ),
    CheckKind(
        id="CL-2",
        name="batch-quick",
        title="The batch system answers quickly",
        why="The CE lists its jobs once in a while. Answers that take many seconds tell of a controller "
        "in trouble, and delay all that is known of pilots.",
        todo="Look at the controller's load (Slurm: `sdiag`). A longer `poll` in the site file makes the "
        "CE ask less often.",
        family=Family.CL,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1",),
    ),
    CheckKind(
        id="CL-3",
        name="records",
        title="The batch system's records of ended jobs answer",
        why="From the records we know how a job ended that is in the queue no more, and what it used. "
        "Without them, a job that is killed before it can write down its own end counts as lost.",
        todo="Look after the accounting (Slurm: slurmdbd and its database), and let the account read its "
        "own records. Torque has none for accounts: let it list ended jobs for long (`keep_completed`).",
        family=Family.CL,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1",),
    ),
    CheckKind(
        id="CL-4",
        name="ends-listed",
        title="Ended jobs stay listed long enough to be seen",
        why="Where there are no records, a job's end is seen only while it is listed.",
        todo="Remember ended jobs for longer (Slurm: `MinJobAge`), keep records, or make `poll` in the "
        "site file shorter.",
        family=Family.CL,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1",),
    ),
    CheckKind(
        id="BS-8",
        name="batch-account",
        title="The account may use the batch system, and the names that a route gives",
        why="Many sites let only accounts submit that the batch system knows: in Slurm, one with an "
        "association. A route's `account` and `qos` have to be among the account's own.",
        todo="Slurm: `sacctmgr add user ACCOUNT account=PROJECT`. Or mend the route's `account` or `qos`.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1", "BS-1"),
    ),
    CheckKind(
        id="BS-2",
        name="queue-exists",
        title="The route's partition or queue exists",
        why="A pilot that asks for another one is refused.",
        todo="Mend the route's `queue`, or make the partition. A cluster without a default needs a "
        "`queue` in each route.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1", "BS-1"),
    ),
    CheckKind(
        id="BS-6",
        name="queue-open",
        title="The route's partition or queue is open, and open to us",
        why="In one that is closed, or not for our account, pilots are refused or wait for ever.",
        todo="Open it (Slurm: `scontrol update PartitionName=NAME State=UP`), or let the account use it "
        "(AllowGroups, AllowAccounts, AllowQos).",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("BS-2", "BS-8"),
    ),
    CheckKind(
        id="BS-10",
        name="nodes-up",
        title="The route's partition has nodes that work",
        why="With all nodes down or drained pilots wait, and nobody says why.",
        todo="See why they are down (Slurm: `sinfo -R`), and bring them back.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("BS-6",),
    ),
    CheckKind(
        id="BS-7",
        name="request-fits",
        title="What the route asks for is what the partition can give",
        why="A walltime, memory, cores or GPUs above the limits are refused, or wait for ever.",
        todo="Set the route's `walltime`, `memory`, `cpus` or `gpus` to what is there, or raise the limit.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("BS-2", "BS-8"),
    ),
    CheckKind(
        id="BS-4",
        name="submit-dry-run",
        title="The batch system would take the route's pilots",
        why="A submission that is tried but not carried out finds what no single limit tells: submit "
        "filters, plugins, combinations that are not allowed.",
        todo="Read what the batch system said; it is shown as it is. Try the same as the account: `sbatch "
        "--test-only`. A start that is days away is told, too: `scontrol show reservation`.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("BS-2", "BS-6", "BS-7", "BS-8", "BS-10"),
    ),
    CheckKind(
        id="BS-5",
        name="job-limit",
        title="The account may have as many jobs as the site file plans",
        why="What is above the limit is refused again and again. It does no harm, but makes work for both "
        "sides.",
        todo="Raise the account's limit (Slurm: MaxSubmitJobs of the association or QOS), or set the "
        "cluster's `limits.pilots` to it.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1", "BS-1"),
    ),
    CheckKind(
        id="BS-9",
        name="other-jobs",
        title="The account has no jobs but ours",
        why="Jobs of the account that this CE did not submit take from the same limits: somebody else's, "
        "or an older CE's that should have been stopped.",
        todo="Find out whose they are. Use the account for this CE alone.",
        family=Family.BS,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1", "BS-1"),
    ),
    CheckKind(
        id="WN-4",
        name="kill-wait",
        title="A job has time to end in order when it is stopped",
        why="A pilot that is told to stop hands its work back. It needs Slurm's default of half a minute "
        "between SIGTERM and SIGKILL for that, and better more.",
        todo="Slurm: set `KillWait` to 30 seconds or more, if your site's rules allow it; 120 are better.",
        family=Family.WN,
        where=Where.BATCH_SYSTEM,
        needs=("CL-1", "BS-1"),
    ),
)
