"""Ways out of an installed agent that somebody who has the key may try. Each must be refused."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import pytest
from confined import PLAIN, guard, submission
from hypothesis import given
from hypothesis import strategies as st

from bosco.agent.guard import INPUTS as GUARDS_INPUTS
from bosco.agent.guard import skip_sent
from bosco.agent.spool import Refused
from bosco.batch.carried import INPUTS
from bosco.batch.registry import batch_system

ME = getpass.getuser()
OTHER_COMMANDS = [
    ("slurm", ["id"]), ("slurm", ["/usr/bin/squeue", "--noheader"]), ("slurm", ["sh", "-c", "id"]),
    ("slurm", ["sh", "-c", "id", "hosted_ce", ME, "20", "10", "2"]), ("slurm", ["sh", "job.submit"]),
    ("slurm", ["squeue", "--noheader", "--user=nobody"]), ("slurm", ["squeue", "--noheader\n--all"]),
    ("slurm", ["squeue", "--noheader\0--all"]), ("slurm", ["squeue"]), ("slurm", []),
    ("slurm", ["scontrol", "write", "batch_script", "17", ".ssh/authorized_keys"]),
    ("slurm", ["scontrol", "show", "config", "-o", "/tmp/x"]), ("slurm", ["scontrol", "update", "JobId=1"]),
    ("slurm", ["sacctmgr", "dump", "cluster", "file=/tmp/x"]), ("slurm", ["sacct", "--file=/etc/passwd"]),
    ("slurm", ["sbatch", "--parsable", "job.sh"]), ("slurm", ["srun", "id"]),
    ("slurm", ["scancel", "--user=root"]), ("slurm", ["qstat", "-f"]),
    ("pbs", ["qsub", "job.openpbs"]), ("pbs", ["qstat", "-f", "@elsewhere"]),
    ("pbs", ["qdel", "-W", "force", "1"]),
    ("sge", ["qconf", "-mattr", "queue"]), ("sge", ["qstat", "-xml", "-u", "nobody"]),
    ("sge", ["qacct", "-f", "/etc/x"]),
    ("lsf", ["bsub", "id"]), ("lsf", ["bjobs", "-a", "-u", "all", "-o", "jobid", "-json"]),
    ("htcondor", ["condor_submit", "-terse", "job.sub"]),
    ("htcondor", ["condor_history", "-file", "/etc/passwd"]),
    ("htcondor", ["condor_qedit", "1", "Cmd", '"/bin/sh"']),
]  # fmt: skip
OTHER_SUBMISSIONS: list[tuple[str, list[str]]] = [
    ("slurm", ["sbatch", "--parsable", "job.sh", "--wrap=id"]), ("slurm", ["sh", "job.sh"]),
    ("slurm", ["sbatch", "--parsable", "/tmp/job.sh"]), ("slurm", ["sbatch", "job.sh"]),
    ("pbs", ["sh", "job.openpbs"]), ("pbs", ["qsub", "-W", "stageout=x@h:/y", "job.openpbs"]),
    ("pbs", ["sh", "job.submit", "openpbs", "/tmp", "/home/x/.ssh", "host"]),
    ("sge", ["qsub", "-terse", "-C", "", "-jsv", "in/x", "job.sh"]),
    ("sge", ["qsub", "-terse", "-C", "", "-l", "-jsv", "in/x", "job.sh"]),
    ("sge", ["qsub", "-terse", "-C", "", "-@", "in/x", "job.sh"]),
    ("sge", ["qsub", "-terse", "-C", "", "-S", "in/x"]),
    ("sge", ["qsub", "-terse", "-C", "#$", "job.sh"]),
    ("sge", ["qsub", "-terse", "-C", "", "-o", "/x", "job.sh"]),
    ("sge", ["qsub", "-terse", "-C", "", "-hard", "/etc/shadow", "job.sh"]),
    ("sge", ["qsub", "-terse", "-C", "", "-l", "a=1", "in/x", "job.sh"]),
    ("lsf", ["bsub", "-f", "x > y", "/bin/sh", "job.sh"]), ("lsf", ["bsub", "-Is", "/bin/sh", "job.sh"]),
    ("lsf", ["bsub", "-o", "/home/x/.ssh/authorized_keys", "/bin/sh", "job.sh"]),
    ("htcondor", ["condor_submit", "-append", "universe=local", "job.sub"]),
]  # fmt: skip
LINES = [
    "universe = local", "universe = scheduler", "include : id |", "output = /home/x/.ssh/authorized_keys",
    "log = /home/x/.bashrc", "initialdir = /home/x/.ssh", "queue from id |", "queue 2", "+JobUniverse = 12",
    "transfer_output_remaps = \"a=/home/x/.ssh/a\"", "My.Iwd = \"/home/x\"", "rank = $ENV(HOME)",
    "rank = 1\\",
    "requirements = $F(x)", "transfer_plugins = a=b", "executable = in/x",
    "My.UserLog = \"/home/x/.profile\"",
]  # fmt: skip


@pytest.mark.parametrize(("batch", "argv"), OTHER_COMMANDS)
def test_other_commands_are_refused(batch: str, argv: list[str], spool: Path) -> None:
    with pytest.raises(Refused, match="this site's agent runs what a CE needs of"):
        guard(batch, spool)({"op": "run", "argv": argv}, b"")


@pytest.mark.parametrize(("batch", "argv"), OTHER_SUBMISSIONS)
def test_other_ways_to_submit_are_refused(batch: str, argv: list[str], spool: Path) -> None:
    header, body = submission(batch_system(batch), PLAIN, spool)
    with pytest.raises(Refused, match="this site's agent runs"):
        guard(batch, spool)({**header, "argv": argv}, body)


@pytest.mark.parametrize("line", LINES)
def test_lines_by_which_htcondor_would_write_or_run_something_here_are_refused(
    line: str, spool: Path
) -> None:
    header, body = submission(batch_system("htcondor"), PLAIN, spool)
    at = dict(header["files"])["job.sub"]
    assert header["files"][0][0] == "job.sub", "the body begins with it"
    text = body[:at].replace(b"queue\n", f"{line}\nqueue\n".encode())
    files = [("job.sub", len(text)), *header["files"][1:]]
    with pytest.raises(Refused, match="allows no line"):
        guard("htcondor", spool)({**header, "files": files}, text + body[at:])


def test_an_attribute_that_the_administrator_allows_is_let_through(spool: Path) -> None:
    request = PLAIN.__class__(**{**_fields(), "extra": ('+ProjectName = "osg"',)})
    header, body = submission(batch_system("htcondor"), request, spool)
    with pytest.raises(Refused, match="ProjectName"):
        guard("htcondor", spool)(dict(header), body)
    guard("htcondor", spool, "--attribute", "ProjectName")(header, body)


@pytest.mark.parametrize(
    ("batch", "line"),
    [
        ("pbs", "#PBS -W stageout=x@login:/home/x/.ssh/authorized_keys"),
        ("pbs", "#PBS -o login:/home/x/.bashrc"),
        ("pbs", "#PBS -e /home/x/.bashrc"), ("pbs", "  #PBS -I"), ("slurm", "#SBATCH --export-file=/etc/x"),
        ("slurm", "#SBATCH --get-user-env"), ("slurm", "#SBATCH -o x"),
    ],
)  # fmt: skip
def test_directives_that_reach_the_login_node_are_refused(batch: str, line: str, spool: Path) -> None:
    codec = batch_system(batch, {"flavour": "openpbs"} if batch == "pbs" else {})
    header, body = submission(codec, PLAIN, spool)
    text = body.replace(b"\n", f"\n{line}\n".encode(), 1)
    with pytest.raises(Refused, match="allows no directive"):
        guard(batch, spool)({**header, "files": [(header["files"][0][0], len(text))]}, text)


@pytest.mark.parametrize(
    ("batch", "line"),
    [
        ("pbs", "#PBS -A x -W stageout=/tmp/k@login:.ssh/authorized_keys"),
        ("pbs", "#P\\\nBS -W stagein=x@login:y"),
        ("slurm", "#SBATCH --comment=a --export-file=/etc/passwd"),
        ("slurm", "#SBATCH --get-user=1"),
        ("slurm", "#SBATCH --export-f=/etc/passwd"),
        ("slurm", "#SBATCH --comment='a b'"),
        ("slurm", "#SBATCH --comment=a\\"),
        ("slurm", "#PBS -v x"),
        ("slurm", "#BSUB -q x"),
    ],
)
def test_directives_that_hide_another_are_refused(batch: str, line: str, spool: Path) -> None:
    codec = batch_system(batch, {"flavour": "openpbs"} if batch == "pbs" else {})
    header, body = submission(codec, PLAIN, spool)
    text = body.replace(b"\n", f"\n{line}\n".encode(), 1)
    with pytest.raises(Refused, match="allows no directive"):
        guard(batch, spool)({**header, "files": [(header["files"][0][0], len(text))]}, text)


@pytest.mark.parametrize(
    "more",
    [
        {"enclosing": ["/home/x/.ssh/authorized_keys"]}, {"enclosing": ["job.submit"]},
        {"enclosing": ["../x"]}, {"enclosing": ["job.sh"], "inputs_line": "@@"},
    ],
)  # fmt: skip
def test_input_files_are_put_where_they_belong_only(more: dict[str, Any], spool: Path) -> None:
    header, body = submission(batch_system("slurm", {"shared_home": False}), PLAIN, spool)
    with pytest.raises(Refused, match="where they belong"):
        guard("slurm", spool)({**header, **more}, body)
    assert GUARDS_INPUTS == INPUTS


def test_another_text_of_the_shell_script_that_submits_is_refused(spool: Path) -> None:
    header, body = submission(batch_system("pbs"), PLAIN, spool)
    with pytest.raises(Refused, match="not the text that came"):
        guard("pbs", spool)(header, body.replace(b"flavour=$1", b"id; exit\n"))


@pytest.mark.parametrize(
    "environment", [{"LD_PRELOAD": "in/x.so"}, {"SLURM_CONF": "in/x"}, {"PATH": "in"}, {"BASH_ENV": "in/x"}]
)
@pytest.mark.parametrize("op", ["run", "submit", "survey"])
def test_variables_are_refused(op: str, environment: dict[str, str], spool: Path) -> None:
    header, body = submission(batch_system("slurm"), PLAIN, spool)
    with pytest.raises(Refused, match="sets variables itself"):
        guard("slurm", spool)({**header, "op": op, "environment": environment}, body)


def test_the_path_is_the_administrators_and_so_are_variables(spool: Path) -> None:
    confined = guard("slurm", spool, "--path", "/opt/slurm/bin", "--set", "SLURM_CONF=/etc/slurm.conf")
    theirs = {"SLURM_CONF": "/etc/slurm.conf", "SLURM_TIME_FORMAT": "%s"}
    header: dict[str, Any] = {"op": "run", "argv": ["id", "-Gn"], "path": ["in"], "environment": theirs}
    confined(header, b"")
    assert (header["path"], header["environment"]) == (["/opt/slurm/bin"], theirs)
    with pytest.raises(Refused, match="SLURM_CONF"):
        confined({**header, "environment": {"SLURM_CONF": "/tmp/x"}}, b"")


def test_another_spool_is_refused_and_the_same_in_other_words_is_not(spool: Path) -> None:
    guard("slurm", spool)({"op": "hello", "spool": f"{spool}/../{spool.name}"}, b"")
    with pytest.raises(Refused, match="keeps its spool in"):
        guard("slurm", spool)({"op": "hello", "spool": f"{spool}/.."}, b"")


@given(
    st.lists(st.text(st.characters(codec="latin-1"), max_size=12), max_size=6),
    st.sampled_from(["slurm", "sge", "pbs"]),
)
def test_no_words_but_known_ones_make_a_command(argv: list[str], batch: str) -> None:
    known = {
        "squeue",
        "sacct",
        "scancel",
        "scontrol",
        "sinfo",
        "sacctmgr",
        "qstat",
        "qselect",
        "qdel",
        "qsig",
    }
    known |= {"pbsnodes", "qconf", "qacct", "qhost", "id", "quota"}
    try:
        guard(batch, Path("/tmp/spool"))({"op": "run", "argv": argv}, b"")
    except Refused:
        return
    assert argv[0] in known


@pytest.mark.parametrize(
    "asked", ["", "id", "scp -t /", "/usr/lib/sftp-server", "stdin.buffer.read(9999999)"]
)
def test_what_is_no_ce_is_told_what_the_key_is_for(asked: str) -> None:
    with pytest.raises(SystemExit, match="starts the agent of a hosted_ce and nothing else"):
        skip_sent(None, asked)


def _fields() -> dict[str, Any]:
    return {name: getattr(PLAIN, name) for name in PLAIN.__dataclass_fields__}
