"""Which commands an agent runs that a site has installed; no part of one that is sent.

Standard library only, Python 3.6 or later. A rule is a regular expression for a whole command; a space in it
stands for the end of a word. {user}, {folder} (the job's own) and {pilots} (all jobs') are replaced. What has
no rule is refused, so a new command of a codec needs one: tests/unit/bosco/test_agent_rules.py has all that
the codecs ask for.
"""

import re

ID = r"\d{1,19}"
NAME = r"[\w.+-]{1,200}"
VALUE = r"[^\0\n]{1,2000}"
EVERYWHERE = ("quota -w -p", "id -Gn")
ONE_WORD = r"[^\s\0'\"`$\\-][^\s\0'\"`$\\]{0,2000}"
SLURM_OPTION = (
    r"--(job-name|chdir|output|open-mode|no-requeue|time|time-min|nodes|ntasks|cpus-per-task|exclusive|mem"
    r"|mem-per-cpu|signal|gres|gres-flags|gpus|gpus-per-node|gpus-per-task|cpus-per-gpu|mem-per-gpu|partition"
    r"|account|qos|constraint|prefer|reservation|exclude|nodelist|nice|licenses|comment|wckey|hint|begin|mincpus"
    r"|tmp|threads-per-core|cores-per-socket|sockets-per-node|core-spec|thread-spec|switches|oversubscribe"
    r"|no-kill|contiguous|network|priority|distribution|hold|array)(=%s)?" % ONE_WORD
)
"""By their full names: sbatch takes any beginning of a name."""
SGE_OPTIONS = (
    r"( -N [a-z0-9]+| -wd {folder}| -o {folder}/scheduler\.log| -j y| -S /bin/sh| -r n| -notify| -soft| -hard"
    r"| -pe [\w.*-]+ [\d,-]+| -(l|q|A|P|p|ac|js|R|masterq) (?!-[A-Za-z])[^\0\n]{1,2000})*"
)

SUBMITS = {
    "slurm": (r"sbatch --parsable job\.(sh|array)",),
    "pbs": (
        r"qsub job\.(openpbs|torque)",
        r"sh job\.submit (openpbs|torque)?( /[^\0\n:@]{1,500} {pilots} [A-Za-z0-9.-]{0,253})?",
    ),
    "sge": ("qsub -terse -C " + SGE_OPTIONS + r" job\.sh",),
    "lsf": (
        r"bsub( -J [a-z0-9]+| -o {folder}/scheduler\.log| -rn| -x"
        r"| -(W|n|R|M|wa|wt|gpu|q|P|G|sla|app|sp|U|m|U)( [^\0\n-][^\0\n]{0,2000}))* /bin/sh job\.sh",
    ),
    "htcondor": (r"condor_submit( -terse)? job\.sub",),
}
"""How a job is submitted. What the files say is looked at as well: guard.py."""

ASKS = {
    "slurm": (
        r"squeue( --noheader| --all| --array| --states=[A-Za-z,_]+| --user={user}| --[Ff]ormat="
        + VALUE
        + ")+",
        r"sacct( --allocations| --noheader| --parsable2| --delimiter=[^\0\n]{1,4}| --user={user}|"
        r" --(name|jobs)=[\w,.+-]+| --starttime=[\w:-]+| --format=[\w,%]+)+",
        r"scancel( --state=RUNNING| --batch| --signal=[A-Z0-9]+| " + ID + r"(_" + ID + ")?)+",
        r"sbatch --test-only( " + SLURM_OPTION + ")* --wrap=true",
        r"scontrol( --all| --oneliner)* show (config|partition|node|reservation|assoc_mgr)( [\w.,=-]+)?",
        r"sinfo( --noheader| --all| --exact| --Node| --partition=[\w,.-]+| --format=" + VALUE + ")+",
        r"sacctmgr( --noheader| --parsable2)* show (associations|qos|user)( [a-z]+=[\w,.%-]+)*",
    ),
    "pbs": (
        r"qstat( -E| -x| -f| -1| -w| -B| -Q| -F dsv| " + ID + r"[\w.:@\[\]-]*)*( --version)?",
        r"qselect( -x| -u {user}| -N [a-z0-9]+)+",
        r"(qdel|qsig -s SIG[A-Z0-9]+)( " + ID + r"[\w.:@\[\]-]*)+",
        r"pbsnodes( -a| -v| -l| -S| -j| -q| -x)*",
        r"qmgr -c list\x20sched",
    ),
    "sge": (
        r"qstat( -help| -u {user}| -r| -xml| -f| -g c| -j [a-z0-9,]+)+",
        r"qconf -(sconf|sc|sql|spl|sul|sprjl|ss)",
        r"qconf -(sq|sp|su|sprj|se) [\w.*@,-]+",
        r"qacct( -o {user}| -b \d{8,14}| -j( [a-z0-9]+)?)+",
        "qsub -w v -terse -C " + SGE_OPTIONS.replace("{folder}", "/") + " -b y /bin/true",
        r"qhost( -F[\w,]*| -q| -xml| -h [\w.,-]+)*",
        r"qdel( " + ID + ")+",
    ),
    "lsf": (
        r"(lsid|bparams -a|bqueues( -l)?( -u {user})?|bhosts( -w)?|lshosts( -w)?)",
        r"bjobs -a -u {user} -o [\w\x20]+ -json",
        r"bhist -a -l -UF -n 0 -u {user}( -J [a-z0-9]+|( " + ID + ")+)",
        r"bkill( -s [A-Z0-9]+)?( " + ID + ")+",
    ),
    "htcondor": (
        r"condor_(version|config_val [A-Z_]+|ping -type SCHEDD -table WRITE)",
        r"condor_q {user} -constraint " + VALUE + r" -json -attributes [\w,]+",
        r"condor_(status|history)( -constraint " + VALUE + r"| -json| -attributes [\w,]+| -limit \d{1,9})*"
        r"( -af(:[a-z,]+)?( \w+)+)?",
        r"condor_rm( -constraint " + VALUE + r"|( " + ID + r"(\." + ID + ")?)+)",
    ),
}
"""What is asked of it, and how jobs are ended."""

VARIABLES = {
    "slurm": ("SLURM_TIME_FORMAT",),
    "pbs": (),
    "sge": (),
    "lsf": ("LSB_NTRIES", "LSB_DISPLAY_YEAR"),
    "htcondor": (),
}
"""Variables that a request may set. All others are the administrator's: `--set NAME=VALUE`."""


def compiled(rules, **words):
    """The rules as one regular expression for the words of a command with a NUL between them."""
    text = "|".join(rules).replace(" ", "\0")
    for name, word in words.items():
        text = text.replace("{%s}" % name, re.escape(word))
    return re.compile("(?:%s)\\Z" % text)
