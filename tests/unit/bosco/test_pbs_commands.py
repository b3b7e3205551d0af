"""What the PBS codec asks for, and how it takes the answers of qsub, qdel and qsig."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pbs_recordings import OPENPBS, TORQUE, answer, answers

from bosco.batch.model import BatchRequest, CommandResult, InputFile, Listing
from bosco.batch.pbs.codec import MANY, Pbs
from bosco.batch.pbs.text import same_job
from bosco.errors import Failed, Interrupted, Refusal
from tests.fakes.dialogue import conversation, told

PBS, OPEN, TORQ = Pbs(), Pbs("openpbs"), Pbs("torque")
FOLDER = "/home/site/hosted-ce/pilots/habcdefghijklmn"
INPUTS = (InputFile("pilot.sh", "0" * 64, executable=True),)
NOTHING = CommandResult(0, b"")
UNKNOWN = CommandResult(153, b"", b"qstat: Unknown Job Id 1.pbs1\n")


def request(**more: object) -> BatchRequest:
    asked = {"walltime_s": 93784, "cpus": 8, "memory_mb": 16000, **more}
    return BatchRequest("habcdefghijklmn", "pilot.sh", INPUTS, **asked)  # type: ignore[arg-type]


def directives(script: bytes) -> list[str]:
    lines = script.decode().splitlines()
    assert lines[0] == "#!/bin/sh"
    return [line.removeprefix("#PBS ") for line in lines if line.startswith("#PBS ")]


def openpbs(**more: object) -> list[str]:
    return directives(OPEN.submission(request(**more), FOLDER).files["job.openpbs"])


def torque(**more: object) -> list[str]:
    return directives(TORQ.submission(request(**more), FOLDER).files["job.torque"])


COMMON = ["-N habcdefghijklmn", "-S /bin/sh", "-j oe", f"-o {FOLDER}/scheduler.log", "-r n", "-m n"]


def test_PB11_the_directives() -> None:
    assert openpbs() == [*COMMON, "-l select=1:ncpus=8:mem=16000mb", "-l walltime=26:03:04"]
    assert torque() == [*COMMON, "-l nodes=1:ppn=8", "-l mem=16000mb", "-l walltime=26:03:04"]


def test_gpus() -> None:
    assert "-l select=1:ncpus=8:mem=16000mb:ngpus=2" in openpbs(gpus=2)
    assert "-l nodes=1:ppn=8:gpus=2" in torque(gpus=2)


def test_a_whole_node_has_all_its_memory() -> None:
    assert {"-l select=1:ncpus=8", "-l place=exclhost"} < set(openpbs(whole_node=True))
    assert {"-l nodes=1:ppn=8", "-n", "-l naccesspolicy=singlejob"} < set(torque(whole_node=True))
    assert not [line for line in openpbs(whole_node=True) + torque(whole_node=True) if "mem=" in line]


@pytest.mark.parametrize("directives_of", [openpbs, torque])
def test_where_and_for_whom(directives_of: object) -> None:
    asked = {"queue": "long", "account": "osg", "qos": "high", "extra": ("-P opportunistic", "-l feature=x")}
    lines = directives_of(**asked)  # type: ignore[operator]
    assert lines[-5:] == ["-q long", "-A osg", "-l qos=high", "-P opportunistic", "-l feature=x"]


def test_PB4_the_sites_environment_is_never_exported() -> None:
    """`qsub -V` puts shell functions and line breaks into what every user's qstat prints."""
    for line in openpbs() + torque():
        assert not line.startswith(("-V", "-v"))
    assert not {"-V", "-v"} & set(OPEN.submission(request(), FOLDER).argv)


def test_directives_end_before_a_pilots_own_text() -> None:
    more = {"arguments": ("#PBS -h", "\n#PBS -q other\n"), "environment": {"A": "\n#PBS -V\n"}}
    script = OPEN.submission(request(**more), FOLDER).files["job.openpbs"].decode()
    body = script.split("HCE_FOLDER=")[0]
    assert "-h" not in body.split()
    assert "other" not in body


@pytest.mark.parametrize("codec", [OPEN, TORQ, PBS])
def test_a_directive_that_torque_would_break_is_refused(codec: Pbs) -> None:
    with pytest.raises(Failed) as refused:
        codec.submission(request(extra=("-l " + "x" * 2100,)), FOLDER)
    assert refused.value.refusal is Refusal.PERMANENT


VERSIONS = {
    "openpbs": "echo pbs_version = 23.06.06",
    "torque": "echo 'Version: 6.1.3' >&2",
    "slurm's own qsub": "echo 'Unknown option: version' >&2; exit 255",
}


def submitted_by_hand(tmp_path: Path, version: str) -> subprocess.CompletedProcess[str]:
    """The argv of a submission, run with this qsub."""
    qsub = tmp_path / "bin" / "qsub"
    qsub.parent.mkdir()
    qsub.write_text(
        f'#!/bin/sh\ncase $1 in --version) {version};; *) echo "$@" >asked; echo 5.pbs1 ;; esac\n'
    )
    qsub.chmod(0o755)
    job = PBS.submission(request(), FOLDER)
    for name, content in job.files.items():
        (tmp_path / name).write_bytes(content)
    path = {"PATH": f"{qsub.parent}:/usr/bin:/bin"}
    return subprocess.run(job.argv, cwd=tmp_path, env=path, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("flavour", "asked"), [("openpbs", "job.openpbs"), ("torque", "job.torque")])
def test_the_script_that_fits_is_submitted(tmp_path: Path, flavour: str, asked: str) -> None:
    done = submitted_by_hand(tmp_path, VERSIONS[flavour])
    assert (done.returncode, done.stdout, done.stderr) == (0, "5.pbs1\n", "")
    assert (tmp_path / "asked").read_text() == asked + "\n"


def test_nothing_is_submitted_to_a_qsub_that_is_neither(tmp_path: Path) -> None:
    done = submitted_by_hand(tmp_path, VERSIONS["slurm's own qsub"])
    assert not (tmp_path / "asked").exists()
    with pytest.raises(Failed, match="neither of OpenPBS nor of Torque") as refused:
        PBS.submitted(CommandResult(done.returncode, done.stdout.encode(), done.stderr.encode()))
    assert refused.value.refusal is Refusal.TRANSIENT


def test_without_qsub_nothing_is_submitted() -> None:
    for said in (b"[Errno 2] No such file or directory: 'qsub'", b"job.submit: 5: exec: qsub: not found\n"):
        with pytest.raises(Failed) as refused:
            PBS.submitted(CommandResult(127, b"", said))
        assert refused.value.refusal is Refusal.TRANSIENT


def test_a_flavour_that_is_known_is_not_asked_for() -> None:
    assert OPEN.submission(request(), FOLDER).argv == ("qsub", "job.openpbs")
    assert TORQ.submission(request(), FOLDER).argv == ("qsub", "job.torque")
    with pytest.raises(ValueError, match="sge"):
        Pbs("sge")


@pytest.mark.parametrize(
    "said", [b"1.pbs1\n", b"1.pbs1.campus.edu\n", b"1.pbs1:15001\n", b"1\n", b"1.pbs1\r\n"]
)
def test_PB12_ids_of_all_kinds(said: bytes) -> None:
    assert PBS.submitted(CommandResult(0, said, b"warning: something\n")) == said.decode().strip()


def test_PB12_a_server_with_and_without_its_domain_and_port_is_one() -> None:
    assert same_job("1.pbs1", "1.pbs1.campus.edu")
    assert same_job("1", "1.pbs1:15001")
    assert not same_job("1.pbs1", "1.pbs2")
    assert not same_job("1.pbs1", "11.pbs1")
    assert not same_job("1.pbs1", "1[].pbs1")


ASKS, LOST = "hasksaaaaaaaaaa", "hlostaaaaaaaaaa"
ASKED = f"qsub -N {ASKS} -r n -l select=1:ncpus=1:mem=64mb -l walltime=10:00"
REFUSALS: list[tuple[Path, str, Refusal] | tuple[Path, str, Refusal, int]] = [
    (OPENPBS, "qsub -q nosuch ok.sh", Refusal.PERMANENT),
    (OPENPBS, "qsub -q closed ok.sh", Refusal.TRANSIENT),
    (OPENPBS, "qsub -q private ok.sh", Refusal.PERMANENT),
    (OPENPBS, "qsub -q short -l walltime=01:00:00 ok.sh", Refusal.PERMANENT),
    (OPENPBS, "qsub -l nosuch=1 ok.sh", Refusal.PERMANENT),
    (OPENPBS, "qsub -l walltime=abc ok.sh", Refusal.PERMANENT),
    (OPENPBS, "qsub nosuchfile.sh", Refusal.PERMANENT),
    (OPENPBS, 'qsub -N "has space" ok.sh', Refusal.PERMANENT),
    (OPENPBS, "qsub -W nosuchattr=1 -h -N x ok.sh", Refusal.PERMANENT),
    (OPENPBS, "qsub -N mixed -l select=1:ncpus=2 -l ncpus=2 -h ok.sh", Refusal.PERMANENT),
    (OPENPBS, "qsub -h -N sd ok.sh", Refusal.TRANSIENT),
    (OPENPBS, "qsub -f -h -N sd ok.sh", Refusal.TRANSIENT),
    (OPENPBS, f"qsub -N {LOST}", Refusal.TRANSIENT, 1),
    (OPENPBS, ASKED, Refusal.TRANSIENT),  # the queue is disabled
    (OPENPBS, ASKED, Refusal.PERMANENT, 2),  # it is for others
    (OPENPBS, ASKED, Refusal.PERMANENT, 3),  # so is the server
    (OPENPBS, ASKED, Refusal.LIMIT, 4),
    (OPENPBS, ASKED, Refusal.LIMIT, 5),
    (OPENPBS, ASKED, Refusal.PERMANENT, 6),  # walltime
    (OPENPBS, ASKED, Refusal.PERMANENT, 7),  # memory
    (OPENPBS, ASKED, Refusal.PERMANENT, 9),  # there is no default queue
    (TORQUE, "qsub -q nosuch ok.sh", Refusal.PERMANENT),
    (TORQUE, "qsub -q closed ok.sh", Refusal.TRANSIENT),
    (TORQUE, "qsub -q private ok.sh", Refusal.PERMANENT),
    (TORQUE, "qsub -q short -l walltime=01:00:00 ok.sh", Refusal.PERMANENT),
    (TORQUE, "qsub -N p1 -P proj1 ok.sh", Refusal.PERMANENT),
    (TORQUE, "qsub -N bigjob -l nodes=1:ppn=65 long.sh", Refusal.PERMANENT),
    (TORQUE, "qsub -l nosuch=1 ok.sh", Refusal.PERMANENT),
    (TORQUE, 'qsub -N "has space" ok.sh', Refusal.PERMANENT),
    (TORQUE, "qsub -h -N sd ok.sh", Refusal.TRANSIENT),
    (TORQUE, "qsub -h -N noauth ok.sh", Refusal.TRANSIENT),
]


@pytest.mark.parametrize("recorded", REFUSALS)
def test_a_refusal_that_was_recorded(
    recorded: tuple[Path, str, Refusal] | tuple[Path, str, Refusal, int],
) -> None:
    folder, command, refusal, *nth = recorded
    with pytest.raises(Failed) as refused:
        PBS.submitted(answer(folder, command, *nth))
    assert refused.value.refusal is refusal
    assert str(refused.value)


@pytest.mark.parametrize("folder", [OPENPBS, TORQUE])
def test_a_limit_that_was_reached(folder: Path) -> None:
    """The first two of three were taken."""
    said = answer(folder, "qsub -q limited long.sh; qsub -q limited long.sh; qsub -q limited long.sh")
    with pytest.raises(Failed) as refused:
        PBS.submitted(CommandResult(said.exit_code, b"", said.stderr))
    assert refused.value.refusal is Refusal.LIMIT


def test_every_recorded_qsub_is_a_yes_or_a_no_and_never_the_wrong_one() -> None:
    """But for compound commands and those that print no id of a single job."""
    other = (";", "|", "&", "$", " -z ", " -J ", "block=")
    for folder in (OPENPBS, TORQUE):
        for said, result in answers(folder):
            if not said.startswith("qsub ") or any(sign in said for sign in other):
                continue
            if result.exit_code == 0:
                assert same_job(PBS.submitted(result), result.stdout.decode().strip()), said
            elif said != f"qsub -N {LOST}" and result.exit_code != 124:  # the server was lost, or hung
                with pytest.raises(Failed):
                    PBS.submitted(result)


@pytest.mark.parametrize(
    "result",
    [
        CommandResult(-9, b"", b"", complete=False),
        CommandResult(-15, b"", b""),
        CommandResult(0, b"", b""),
        CommandResult(0, b"1.pbs1\n2.pbs1\n", b""),
        CommandResult(1, b"1.pbs1\n", b"qsub: Unknown queue\n"),
        CommandResult(255, b"", b"Failed to recv data from background qsub\n"),
        CommandResult(183, b"", b"qsub: Protocol (ASN.1) error\n"),
        CommandResult(163, b"", b"qsub: Internal server error\n"),
        CommandResult(1, b"", b""),
        CommandResult(32, b"", b""),
        CommandResult(32, b"", b"qsub: submit error (Could not resolve host name)\n"),
        CommandResult(15, b"", b"qsub: whatever it is\n"),
        answer(OPENPBS, f"qsub -N {LOST}"),
    ],
)
def test_what_is_not_certainly_a_no_is_doubtful(result: CommandResult) -> None:
    with pytest.raises(Interrupted):
        PBS.submitted(result)


def test_a_hooks_no_is_a_no_in_the_sites_own_words() -> None:
    with pytest.raises(Failed, match="submit from the new login node") as refused:
        PBS.submitted(answer(OPENPBS, f"qsub -N {ASKS} -r n -l select=1:ncpus=1:mem=64mb"))
    assert refused.value.refusal is Refusal.PERMANENT


def test_a_hook_that_failed_may_be_mended() -> None:
    failed = answer(OPENPBS, f"qsub -N {ASKS} -r n -l select=1:ncpus=1:mem=64mb", 1)
    slow = (
        b"qsub: request rejected as filter hook 'own' got an alarm call. Please inform Admin\n"  # the source
    )
    for result in (failed, CommandResult(32, b"", slow)):
        with pytest.raises(Failed) as refused:
            PBS.submitted(result)
        assert refused.value.refusal is Refusal.TRANSIENT


def test_PB5_PB7_a_listing_of_openpbs_asks_for_our_jobs_alone_on_two_connections() -> None:
    asked, _ = conversation(
        PBS.listing("me"),
        CommandResult(0, b"pbs_version = 23.06.06\n"),
        CommandResult(0, b"1.pbs1\n45[].pbs1\n2.pbs1\n"),
        UNKNOWN,
    )
    assert [list(command.argv) for command in asked] == [
        ["qstat", "--version"],
        ["qselect", "-u", "me"],
        ["qstat", "-E", "-f", "-F", "dsv", "1.pbs1", "2.pbs1"],
    ]


def test_many_jobs_are_asked_for_in_parts() -> None:
    ids = CommandResult(0, "".join(f"{number}.pbs1\n" for number in range(2 * MANY + 1)).encode())
    asked, seen = conversation(OPEN.listing("me"), ids, UNKNOWN, UNKNOWN, UNKNOWN)
    assert [len(command.argv) for command in asked] == [3, MANY + 5, MANY + 5, 6]
    assert seen.complete


def test_one_part_that_fails_makes_the_whole_incomplete() -> None:
    ids = CommandResult(0, "".join(f"{number}.pbs1\n" for number in range(MANY + 1)).encode())
    away = CommandResult(255, b"", b"Connection refused\n")
    assert not told(OPEN.listing("me"), ids, UNKNOWN, away).complete


def test_an_old_pbs_pro_without_the_options_is_asked_as_of_old() -> None:
    usage = CommandResult(2, b"", b"qstat: invalid option -- 'E'\nusage: ...\n")
    asked, seen = conversation(
        OPEN.listing("pbsuser"), CommandResult(0, b"3.pbs1\n"), usage, answer(OPENPBS, "qstat -f 3")
    )
    assert list(asked[-1].argv) == ["qstat", "-f", "3.pbs1"]
    assert seen == Listing((), complete=True)  # its name is no stamp


def test_PB1_history_is_asked_by_id_and_by_name() -> None:
    asked, _ = conversation(
        OPEN.accounting("me", 0, stamps=["habcdefghijklmn"], batch_ids=["1.pbs1"]),
        CommandResult(0, b"7.pbs1\n"),
        UNKNOWN,
    )
    assert [list(command.argv) for command in asked] == [
        ["qselect", "-x", "-u", "me", "-N", "habcdefghijklmn"],
        ["qstat", "-E", "-x", "-f", "-F", "dsv", "1.pbs1", "7.pbs1"],
    ]


def test_silence_about_jobs_with_exit_code_0_is_no_answer() -> None:
    """qstat tells with 35 or 153 that it has none of the jobs."""
    seen = told(OPEN.listing("me"), CommandResult(0, b"1.pbs1\n"), NOTHING)
    assert not seen.complete
    assert seen.problem


def test_a_usage_whose_beginning_was_cut_is_a_no() -> None:
    with pytest.raises(Failed) as refused:
        PBS.submitted(
            CommandResult(2, b"", b"[-v variable_list] [-V ] [-z] [script | -- command [arg1 ...]]\n")
        )
    assert refused.value.refusal is Refusal.PERMANENT


def test_torque_is_asked_once() -> None:
    asked, _ = conversation(PBS.listing("me"), CommandResult(0, b"", b"Version: 6.1.3\nCommit: x\n"), NOTHING)
    assert [list(command.argv) for command in asked] == [["qstat", "--version"], ["qstat", "-f", "-1"]]


def test_the_codecs_variables_are_not_the_users() -> None:
    prefixes = Pbs.personal.prefixes
    assert "PBS_DPREFIX".startswith(prefixes)
    assert not "PBS_CONF_FILE".startswith(prefixes)
    assert not "PBS_SERVER".startswith(prefixes)
    assert not "PBS_DEFAULT".startswith(prefixes)
