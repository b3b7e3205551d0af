"""What an agent does not do that a site's administrator has installed behind a forced command.

Standard library only, Python 3.6 or later. One program with spool.py, rules.py and program.py, as
bosco/installed.py puts them together; an agent that is sent has no guard. Whoever has the key can do with the
account's batch jobs what a CE has to, and nothing else on the login node: no other command, no folder but the
spool, no variable and no PATH of theirs.
"""

import argparse
import hashlib
import os
import pwd
import re
import sys

from bosco.agent.rules import ASKS, EVERYWHERE, ONE_WORD, SLURM_OPTION, SUBMITS, VARIABLES, compiled
from bosco.agent.spool import STAMP, Refused

LONGEST_S = 3600
SENT_LIMIT = 1024 * 1024
SOURCE = re.compile(r"stdin\.buffer\.read\((\d{1,7})\)")
DIRECTIVES = {
    "pbs": r"#PBS (-N [a-z0-9]+|-S /bin/sh|-j oe|-o {folder}/scheduler\.log|-r n|-m n|-n"
    r"|-p -?\d{1,5}|-[lqAP] %s|-W (group_list|umask)=[\w,]+)" % ONE_WORD,
    "slurm": "#SBATCH " + SLURM_OPTION,
}
"""What a script may say to the batch system, one option to a line: PBS would copy files to the login node."""
CLUSTERED = {"sbatch", "squeue", "sacct", "scancel", "scontrol", "sinfo"}
"""Commands of Slurm that can be told one of several clusters."""
MARKS = ("#PBS", "#SBATCH", "#BSUB", "#COBALT", "#SLURM")
"""sbatch reads others' as well."""
DESCRIPTION = "|".join(
    [
        r"universe = vanilla", r"executable = /bin/sh", r"transfer_executable = false",
        r"notification = never", r"log = scheduler\.log", r"batch_name = [a-z0-9]+", r"queue",
        r"transfer_output_files = home/",
        r"arguments = \"-c '\. \./job\.(sh|courier); exit \d+'\"", r"should_transfer_files = (YES|NO)",
        r"when_to_transfer_output = ON_EXIT",
        r"transfer_input_files = job\.sh,job\.courier,in(,credentials)?",
        r"(requirements|rank|request_[a-z]+|allowed_execute_duration|periodic_remove|leave_in_queue"
        r"|job_max_vacate_time|accounting_group|concurrency_limits|priority|nice_user) = [^\n]*",
        r"(My\.|\+)(HostedCEStamp|BatchQueue|BatchQOS|FileSystemDomain|WantIOProxy{attributes})\s*=\s*[^\n]*",
    ]
)  # fmt: skip
"""Lines of a submit description. Others can make HTCondor write or run something at the login node."""
INPUTS = "# the input files of the job come here"  # as in bosco/batch/carried.py; a test compares them
ENCLOSING = {"job.sh", "job.openpbs", "job.torque"}
LOCALE = re.compile(r"(LC_[A-Z]+|LANG)\Z")
MACRO = re.compile(r"\$[A-Za-z_]*\(")


class Confined:
    """Says no by raising Refused. `options` are those of the forced command."""

    def __init__(self, options, texts, program):
        self.batch, self.texts = options.batch, texts
        self.spool = os.path.abspath(os.path.expanduser(options.spool))
        self.path, self.variables = options.path, dict(options.set)
        self.attributes, self.cluster = options.attribute, options.cluster
        user = pwd.getpwuid(os.getuid()).pw_name
        self.asks = compiled(ASKS[self.batch] + EVERYWHERE, user=user)
        self.about = {"batch": self.batch, "program": program}

    def __call__(self, header, body):
        """Looks at a request before anything is done, and puts our own path and variables into it."""
        for key, least in (("timeout", 0), ("limit", 0)):
            if key in header and not least <= header[key] <= (LONGEST_S if key == "timeout" else sys.maxsize):
                raise Refused("%s=%r is out of bounds" % (key, header[key]))
        if "path" in header or "environment" in header or "argv" in header:
            header["environment"] = self.environment(header.get("environment", {}))
            header["path"] = self.path
        check = getattr(self, "check_" + header["op"], None)
        if check:
            check(header, body)

    def check_hello(self, header, body):
        asked = os.path.abspath(os.path.expanduser(header["spool"]))
        if asked != self.spool:
            raise Refused("this site's agent keeps its spool in %s, not in %s" % (self.spool, asked))

    def check_run(self, header, body):
        argv = self.words(header)
        if argv[:2] == ["sh", "-c"] and len(argv) > 2 and self.known(argv[2]):
            if all(re.match(r"[\w.-]{1,64}\Z", word) for word in argv[3:]):
                return
        looks = argv[:4] == [sys.executable, "-I", "-S", "-c"] and argv[5:] == [self.spool]
        if looks and self.known(argv[4]):
            return
        if not self.asks.match("\0".join(argv)):
            raise self.refused(argv)

    def check_submit_together(self, header, body):
        """Each task is looked at like a job, and so is the script of all, in the folder of the first."""
        at = 0
        for task in header["tasks"]:
            size = sum(size for _, size in task["files"])
            self.check_submit(dict(task, argv=header["argv"]), body[at : at + size])
            at += size
        self.check_submit(dict(header, stamp=header["tasks"][0]["stamp"]), body[at:])

    def check_submit(self, header, body):
        stamp, argv = header["stamp"], self.words(header)
        pilots = os.path.join(self.spool, "pilots")
        if not STAMP.match(stamp):
            raise Refused("%r is not a stamp" % stamp)
        folder = os.path.join(pilots, stamp)
        if not compiled(SUBMITS[self.batch], folder=folder, pilots=pilots).match("\0".join(argv)):
            raise self.refused(argv)
        if not set(header.get("enclosing", ())) <= ENCLOSING or header.get("inputs_line", INPUTS) != INPUTS:
            raise Refused("this site's agent puts input files into scripts where they belong only")
        for name, size in header["files"]:
            content, body = body[:size], body[size:]
            self.check_file(name, content.decode("utf-8", "surrogateescape"), folder)

    def check_file(self, name, text, folder):
        if name == "job.submit" and not self.known(text):
            raise Refused("%s is not the text that came with this agent" % name)
        if name == "job.sub":
            self.check_description(text)
        if self.batch not in DIRECTIVES:
            return
        allowed = re.compile("(?:%s)\\Z" % DIRECTIVES[self.batch].replace("{folder}", re.escape(folder)))
        before_commands = True
        for line in text.split("\n"):
            directive = line.lstrip().startswith(MARKS)
            before_commands = before_commands and (not line.strip() or line.lstrip().startswith("#"))
            if (directive and not allowed.match(line)) or (before_commands and line.endswith("\\")):
                raise Refused("this site's agent allows no directive %r" % line[:200])

    def check_description(self, text):
        more = "".join("|" + re.escape(name) for name in self.attributes)
        allowed = re.compile("(?:%s)\\Z" % DESCRIPTION.replace("{attributes}", more))
        lines = [line for line in text.split("\n") if line.strip()]
        for number, line in enumerate(lines, 1):
            known = allowed.match(line) and not MACRO.search(line) and not line.endswith("\\")
            if not known or (line == "queue") != (number == len(lines)):
                raise Refused("this site's agent allows no line %r in a submit description" % line[:200])

    def environment(self, asked):
        for name, value in asked.items():
            known = LOCALE.match(name) or name in VARIABLES[self.batch]
            if not known and self.variables.get(name) != value:
                raise Refused("this site's agent sets variables itself, and %s=%s is none" % (name, value))
        return dict(asked, **self.variables)

    def words(self, header):
        argv = header["argv"]
        if not all(isinstance(word, str) and "\0" not in word for word in argv):
            raise self.refused(map(repr, argv))
        if self.cluster and argv[:1] and argv[0] in CLUSTERED:  # which is then no part of the rules
            if argv[1:2] != ["--clusters=" + self.cluster]:
                raise Refused("this site's agent is for cluster %s, and no other" % self.cluster)
            return argv[:1] + argv[2:]
        return argv

    def known(self, text):
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest() in self.texts

    def refused(self, argv):
        shown = " ".join(argv)[:300]
        return Refused("this site's agent runs what a CE needs of %s, and not %r" % (self.batch, shown))


def setting(text):
    name, equals, value = text.partition("=")
    if not equals or not re.match(r"[A-Za-z_]\w*\Z", name):
        raise argparse.ArgumentTypeError("%r is not NAME=VALUE" % text)
    return name, value


def options(argv):
    """Those of the forced command."""
    parser = argparse.ArgumentParser("hosted-ce-agent", description="A forced command in authorized_keys.")
    add = parser.add_argument
    add("--batch", required=True, choices=sorted(SUBMITS), help="the batch system")
    add("--spool", required=True, help="the only folder in which files are written and read")
    add("--path", action="append", default=[], metavar="FOLDER", help="with batch commands; before PATH")
    add("--set", action="append", default=[], type=setting, metavar="NAME=VALUE", help="a variable for them")
    add("--cluster", metavar="NAME", help="of several Slurm clusters, the one whose jobs they are")
    add("--attribute", action="append", default=[], metavar="NAME", help="of jobs, to allow (HTCondor)")
    return parser.parse_args(argv)


def skip_sent(source, asked):
    """A CE that does not know of us sends its own agent first: it is read, and not run."""
    sent = SOURCE.search(asked)
    size = int(sent.group(1)) if sent else -1
    if not 0 < size <= SENT_LIMIT:
        sys.exit("This key starts the agent of a hosted_ce and nothing else. Asked for was: %r" % asked[:200])
    while size:
        data = source.read(min(size, 65536))
        if not data:
            sys.exit("The connection ended before the agent began.")
        size -= len(data)


def guard(argv, texts, program):
    """For the program as it is installed: its guard, ready for frames. `program`: its checksum."""
    confined = Confined(options(argv), texts, program)
    os.umask(0o077)
    skip_sent(sys.stdin.buffer, os.environ.pop("SSH_ORIGINAL_COMMAND", ""))
    return confined
