"""What runs on the worker node around the pilot, the same for every batch system: pure text.

The pilot gets its files, environment and arguments unchanged, its own output files, and the signals that
the batch system sends. Start and end are recorded beside its outputs, by rename, so that they are evidence
which does not depend on the batch system's memory.
"""

from __future__ import annotations

import re
import shlex
from importlib import resources

from bosco.batch.model import BatchRequest, JobRecord

WRAPPER_FAILED = 121
"""Exit code of a job that could not begin its pilot; the reason is in its record and stderr."""
PROLOGUE_FAILED = "prologue: "
"""How the reason begins where it was the prologue that failed."""
_TEMPLATE = resources.files("bosco.batch").joinpath("wrapper.sh").read_text()
"""As all texts that go to a site, as of when this was imported: after an upgrade of the package, a CE that
runs goes on with its own."""
_COMMENT = re.compile(r"\n(?=\s*#)")
_MARK = re.compile("@(SETTINGS|EXECUTABLES|ENVIRONMENT|PROLOGUE|COMMAND)@")
_INTEGER = re.compile(r"-?\d{1,15}\Z")
_TIMES = re.compile(r"(\d{1,9})m(\d{1,3}[.,]\d{1,9})s\s+(\d{1,9})m(\d{1,3}[.,]\d{1,9})s\s*\Z")
"""As dash, bash (with the comma of some locales) and busybox print it."""


def wrapper(
    request: BatchRequest, folder: str | None, *, job_id: str = "", cgroup: str = "", notice: str = "",
    inputs: str = '"$HCE_FOLDER"',
) -> str:  # fmt: skip
    """The shell text that follows the directives. `folder` is the job's folder at the site.

    Without one, it is the directory that the job starts in, which has the same files in it.
    `job_id`: shell text that expands to the batch id, as in `${SLURM_JOB_ID:-}`. `cgroup`: the same for the
    name of the control group that the batch system makes for a job, if it does: its peak memory is recorded.
    `notice`: the signal, without SIG, by which the batch system tells a job that its end is near; it goes to
    all processes of the job, and the pilot gets SIGTERM instead. `inputs`: shell text of the folder that has
    `in/` and `credentials/`, if that is another one.
    """
    executables = [f.name for f in request.inputs if f.executable or f.name == request.executable]
    settings = [
        f"HCE_FOLDER={'$PWD' if folder is None else shlex.quote(folder)}",
        f"HCE_INPUTS={inputs}",
        f"HCE_STAMP={shlex.quote(request.stamp)}",
        f"HCE_SCRATCH={shlex.quote(request.scratch or '')}",
        f"HCE_CREDENTIALS={shlex.quote(' '.join(request.credentials))}",
        f"HCE_REFRESH_S={request.refresh_s:g}",
        f'HCE_JOB_ID="{job_id}"',
        f'HCE_CGROUP="{cgroup}"',
        f"HCE_NOTICE={notice}",
        f"HCE_PROLOGUE={'yes' if request.prologue else ''}",
    ]
    parts = {
        "SETTINGS": "\n".join(settings),
        "EXECUTABLES": shlex.join(executables),
        "ENVIRONMENT": "\n".join(_exports(request)),
        "PROLOGUE": _prologue(request.prologue),
        "COMMAND": " ".join(_quoted(word) for word in ("./" + request.executable, *request.arguments)),
    }
    # In one pass: a pilot's own text may look like one of the marks.
    return _MARK.sub(lambda mark: parts[mark[1]], _TEMPLATE)


def _exports(request: BatchRequest) -> list[str]:
    # First, so that the request's own environment wins, and before it can change PWD.
    proxy = [f'export X509_USER_PROXY="$PWD"/{_quoted(request.proxy)}'] if request.proxy else []
    return proxy + [f"export {name}={_quoted(value)}" for name, value in sorted(request.environment.items())]


def _prologue(text: str | None) -> str:
    """Ends the shell that would become the pilot unless all of it has gone well.

    As one word for `eval`, since a text with a syntax error would otherwise take the script around it along.
    Not in a condition or a function: `set -e` has no effect in the one, bash's `declare` is local in the
    other. What it prints goes to stderr: factories read the pilot's stdout.
    """
    if not text:
        return ""
    return f"""\
        set -e
        eval {_quoted(text)} >&2
        hce_code=$?
        set +e
        [ "$hce_code" = 0 ] || exit "$hce_code"
        cd "$hce_work" && echo >&7 || exit 121"""


def _quoted(text: str) -> str:
    # sbatch refuses a script with CR LF in it, wherever it is. A line of the text that begins with # may look
    # like a directive, which an installed agent refuses.
    quoted = shlex.quote(text).replace("\r", "'\"$hce_return\"'")
    return _COMMENT.sub("\n''", quoted)


def job_record(start: str | None, end: str | None) -> JobRecord:
    """Reads the `start` and `exit` records. Lines that it does not know are left out, never an error."""
    began, finished = _fields(start), _fields(end)
    user, system = _cpu(end or "")
    peak = _number(finished.get("memory"))
    return JobRecord(
        started_at=_number(began.get("time")),
        node=began.get("host") or None,
        batch_id=began.get("job") or None,
        ended_at=_number(finished.get("time")),
        exit_code=_number(finished.get("code")),
        error=finished.get("error"),
        sizes={k: n for k in ("stdout", "stderr") if (n := _number(finished.get(k))) is not None},
        user_cpu_s=user,
        system_cpu_s=system,
        peak_memory_mb=None if peak is None else -(-peak // 2**20),
    )


def _fields(record: str | None) -> dict[str, str]:
    lines = (line.partition("=") for line in (record or "").splitlines())
    return {name: value for name, equals, value in lines if equals}


def _cpu(record: str) -> tuple[float | None, float | None]:
    """Seconds of user and system time in the last line that the shell's `times` printed: the children's."""
    lines = [found.groups() for line in record.splitlines() if (found := _TIMES.match(line))]
    if not lines:
        return None, None
    user_m, user_s, system_m, system_s = (float(part.replace(",", ".")) for part in lines[-1])
    return round(60 * user_m + user_s, 3), round(60 * system_m + system_s, 3)


def _number(value: str | None) -> int | None:
    return int(value) if value and _INTEGER.match(value) else None
