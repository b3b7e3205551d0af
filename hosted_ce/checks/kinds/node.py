"""Checks of a worker node, by a job that looks around there."""

from __future__ import annotations

from hosted_ce.checks.kind import CheckKind, Family, Where

NODE = (
    CheckKind(
        id="WN-6",
        name="node-runs-jobs",
        title="A job of ours runs there, and its output comes back",
        why="This is what the site lends its nodes for. All other checks of a worker node are made by "
        "this job.",
        todo="Read what is said of the job: why it waits, how it ended, and the last lines of its output. "
        "One that was cancelled before it began often met a failing prolog, which drains its node: in Slurm, "
        "`sinfo -R` and `scontrol show job ID` say so.",
        family=Family.WN,
        where=Where.WORKER_NODE,
        needs=("AC-4", "AC-5", "AC-6", "BS-4", "BS-10"),
    ),
    CheckKind(
        id="OS-2",
        name="node-os",
        title="The worker node's operating system is one that is looked after",
        why="The OSPool's software supports Enterprise Linux 8 to 10, Debian 12 and 13, and Ubuntu 22.04 "
        "to 26.04, on x86_64 and aarch64. Version 7 may be dropped at any time.",
        todo="Plan the upgrade, and tell OSG before it comes.",
        family=Family.OS,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="OS-7",
        name="node-clock",
        title="The worker node's clock is right",
        why="Credentials are valid from one moment to another: with a wrong clock the pool refuses the "
        "pilot.",
        todo="Let chrony or ntpd run on the worker nodes (`chronyc tracking`).",
        family=Family.OS,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="WN-1",
        name="node-cores",
        title="The job gets the cores that it asked for",
        why="The pilot offers the pool as many cores as it asked for. With fewer, its jobs get in each "
        "other's way; cores beside them stay idle.",
        todo="Let the batch system bind jobs to their cores (Slurm: `task/cgroup` with `ConstrainCores`), "
        "and choose pilot sizes by which a node's cores can be divided.",
        family=Family.WN,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="WN-2",
        name="node-memory",
        title="The job gets the memory that it asked for",
        why="The pool needs 1 GiB for each core at least, and better 2 GiB. A pilot that is given less "
        "than it promised is killed with all that runs in it.",
        todo="Set the route's `memory` to what a job really gets, or mend the batch system's limit.",
        family=Family.WN,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="WN-5",
        name="node-cleanup",
        title="What a job leaves behind is removed",
        why="Processes and files that stay after a job take cores and disks from everybody on the node.",
        todo="Let the batch system end all processes of a job (Slurm: `proctrack/cgroup`) and give each "
        "job a /tmp of its own (`job_container/tmpfs`), or clean up in an epilog.",
        family=Family.WN,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="WN-7",
        name="node-limits",
        title="A job may open enough files and start enough processes",
        why="A pilot runs many jobs with many files open; too low limits make them fail in odd ways.",
        todo="Allow jobs at least 2048 open files and 4096 processes (`ulimit -n`, `ulimit -u` in a job; "
        "Slurm: `PropagateResourceLimits`).",
        family=Family.WN,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="FS-1",
        name="shared-home",
        title="The worker node sees the login node's home, or the site file says that it does not",
        why="Unless the site file says `shared_home: no`, a job finds its files in the spool at the login "
        "node, and writes its outputs there.",
        todo="Mount the account's home on all worker nodes, or set the cluster's `shared_home: no`: files "
        "then travel with the job.",
        family=Family.FS,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="FS-2",
        name="scratch-writable",
        title="The scratch folder is there and can be written",
        why="Pilots work there; it is the `scratch` of the site file, or what the batch system gives a job.",
        todo="Make the folder on all nodes, writable for the account, or mend `scratch` in the site file.",
        family=Family.FS,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="FS-3",
        name="scratch-exec",
        title="Programs in the scratch folder can be run",
        why="A pilot unpacks its programs there and runs them. On a file system mounted noexec it fails "
        "at once.",
        todo="Mount it without noexec, or name another folder as `scratch` in the site file.",
        family=Family.FS,
        where=Where.WORKER_NODE,
        needs=("FS-2",),
    ),
    CheckKind(
        id="FS-4",
        name="stale-glideins",
        title="No folders of old pilots are left in scratch",
        why="Pilots that were killed leave their folder behind. Nobody but the site can remove it.",
        todo="Clean scratch regularly: tmpwatch or systemd-tmpfiles, or an epilog that removes a job's "
        "folders.",
        family=Family.FS,
        where=Where.WORKER_NODE,
        needs=("FS-2",),
    ),
    CheckKind(
        id="FS-5",
        name="scratch-local",
        title="Scratch is on the node's own disk",
        why="Jobs read and write much there. A shared file system works, but suffers under many pilots, "
        "and everybody else on it too.",
        todo="Set `scratch` in the site file to a folder on a local disk, if the nodes have one.",
        family=Family.FS,
        where=Where.WORKER_NODE,
        needs=("FS-2",),
    ),
    CheckKind(
        id="WN-3",
        name="node-scratch-room",
        title="There is scratch space for each core",
        why="Researchers' jobs bring files and container images. The pool needs 2 GB for each core at "
        "least, and better 10 GB.",
        todo="Give `scratch` in the site file a larger local disk, and have it cleaned of what is left "
        "there.",
        family=Family.WN,
        where=Where.WORKER_NODE,
        needs=("FS-2",),
    ),
    CheckKind(
        id="NET-3",
        name="node-names",
        title="The worker node can resolve names of the outside",
        why="Pilots find the pool, its file servers and its software by name.",
        todo="Give the worker nodes a name server that knows the Internet's names (`getent hosts "
        "osg-htc.org`).",
        family=Family.NET,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="NET-1",
        name="outbound",
        title="Connections from the worker node to the outside are allowed",
        why="A pilot joins the pool by connections from the inside out; NAT is fine. Data come from ports "
        "such as 80, 1094, 2880, 8000, 8443 and 27017.",
        todo="Allow outgoing TCP from the worker nodes, by default to everywhere. Tell OSG which "
        "restrictions have to stay.",
        family=Family.NET,
        where=Where.WORKER_NODE,
        needs=("NET-3",),
    ),
    CheckKind(
        id="NET-2",
        name="squid",
        title="The web proxy really fetches",
        why="CVMFS and jobs fetch through the site's Squid. One that runs and does not answer is worse "
        "than none.",
        todo="Look after the Squid, and at its access list: `curl -x http://SQUID:3128 -I "
        "http://osg-htc.org/`. Or mend `OSG_SQUID_LOCATION` in the site file's environment.",
        family=Family.NET,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="CV-1",
        name="cvmfs",
        title="CVMFS and its repositories are there",
        why="Most software of the pool's projects comes from CVMFS; it is required where GPUs are offered.",
        todo="Install CVMFS with a cache of 20 GB and a Squid nearby: `cvmfs_config probe "
        "singularity.opensciencegrid.org`.",
        family=Family.CV,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="CV-2",
        name="cvmfsexec",
        title="Without CVMFS, a pilot could mount it by itself",
        why="A pilot can bring CVMFS along where the kernel allows users to mount FUSE file systems: "
        "Enterprise Linux 8 with kernel 4.18, or 5.0 and later, and /dev/fuse.",
        todo="Install CVMFS; or let /dev/fuse be used (`chmod 666 /dev/fuse`) together with user namespaces.",
        family=Family.CV,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="AP-1",
        name="user-namespaces",
        title="Users may make user namespaces",
        why="By them the pilot keeps researchers' jobs apart from each other and from itself, in "
        "containers without any privilege.",
        todo="Set `user.max_user_namespaces` to 15000 or more by sysctl; on Ubuntu also "
        "`kernel.apparmor_restrict_unprivileged_userns=0`.",
        family=Family.AP,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
    CheckKind(
        id="AP-2",
        name="apptainer",
        title="Apptainer runs a container",
        why="Most jobs of the pool want a container. Nodes without get only the others.",
        todo="Install apptainer from EPEL, or have CVMFS and user namespaces: the pilot then takes it "
        "from there.",
        family=Family.AP,
        where=Where.WORKER_NODE,
        needs=("AP-1",),
    ),
    CheckKind(
        id="AP-3",
        name="image-room",
        title="There is room for container images",
        why="Below 5 GB in the folder for images, the pool gives the node no jobs with containers.",
        todo="Give scratch more space.",
        family=Family.AP,
        where=Where.WORKER_NODE,
        needs=("FS-2",),
    ),
    CheckKind(
        id="GPU-1",
        name="gpus-visible",
        title="The job sees the GPUs that it asked for",
        why="A pilot that asked for GPUs and sees none keeps them from everybody.",
        todo="Mend the batch system's GPU configuration (Slurm: gres.conf), the driver (`nvidia-smi`), or "
        "the route's `gpus`.",
        family=Family.GPU,
        where=Where.WORKER_NODE,
        needs=("WN-6",),
    ),
)
