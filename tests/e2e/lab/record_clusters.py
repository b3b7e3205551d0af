"""Record what Slurm answers of jobs that it holds, and where it has two clusters, in a federation and not.

`python -m tests.e2e.lab.record_clusters FOLDER`, as root; a minute. See tests.e2e.lab.record.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bosco.batch.protocol import Dialogue
from bosco.batch.slurm.codec import Slurm as Codec
from tests.e2e.lab import process
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.premises import Premises, premises
from tests.e2e.lab.recorder import Recorder
from tests.e2e.lab.site import Lab, start_lab
from tests.e2e.lab.slurm import Slurm, controller_of, node_of
from tests.e2e.lab.slurm_conf import NODE, SlurmPorts

OTHER = "lab2"
_SLEEP = "exec sleep 600"
_TWO_CPUS = "--cpus-per-task=2"


def other_cluster(place: Premises, lab: Lab) -> Slurm:
    """A second one, with the same accounting."""
    folder = place.folder / "slurm2"
    folder.mkdir(mode=0o755)
    ports = SlurmPorts(controller=next(place.ports), node=next(place.ports), dbd=0)
    text = lab.slurm.conf.read_text().replace(str(lab.slurm.conf.parent), str(folder))
    text = text.replace("ClusterName=lab\n", f"ClusterName={OTHER}\n").replace(NODE, "node51")
    own = f"SlurmctldPort={ports.controller}\nSlurmdPort={ports.node}\n"
    conf = folder / "slurm.conf"
    conf.write_text(text + own)
    for name in ("cgroup.conf", "gres.conf"):
        (folder / name).write_text(lab.slurm.conf.with_name(name).read_text())
    controller = controller_of(place.supervisor, conf, None)
    slurm = Slurm(conf, controller, node_of(place.supervisor, conf, ports, None, shared_home=True), None)
    slurm.start_controller()
    slurm.start_node()
    slurm.wait_for_node()
    return slurm


def _held(recorder: Recorder, fails: Path) -> None:
    lab = recorder.lab
    own, special = (recorder.submit(f"h{letter * 14}", _SLEEP, "--requeue") for letter in "ab")
    for job, options in ((own, ()), (special, ("State=SpecialExit",))):
        lab.slurm.wait_for_state(job, "RUNNING")
        lab.slurm.command("scontrol", "requeuehold", *options, job)
    fails.touch()
    recorder.submit("hcccccccccccccc", _SLEEP, "--requeue")
    recorder.submit("hdddddddddddddd", _SLEEP, "--no-requeue")
    drained = ("sinfo", "--noheader", "--states=drain", "--format=%n")
    process.wait_until(lambda: lab.slurm.command(*drained).stdout, "the node is not drained", 60)
    fails.unlink()
    ended = {"PENDING", "CANCELLED"}
    process.wait_until(lambda: {job.state for job in lab.slurm.jobs()} >= ended, "no end of the last", 60)
    _listing(recorder, "held", Codec())
    lab.slurm.command("scontrol", "update", f"node={NODE}", "state=resume")
    lab.run_as_account(["scancel", f"--user={lab.account}"])
    lab.slurm.wait_for_node()


def _listing(recorder: Recorder, name: str, codec: Codec) -> None:
    _asked(recorder, f"{name}-squeue", codec.listing(recorder.lab.account))


def _asked(recorder: Recorder, name: str, dialogue: Dialogue[object]) -> None:
    recorder.ask(name, next(dialogue))


def _clusters(recorder: Recorder) -> None:
    """The first of each cluster has the same id."""
    lab, codec = recorder.lab, Codec(cluster=OTHER)
    here = recorder.submit("heeeeeeeeeeeeee", _SLEEP)
    script = "#!/bin/sh\n#SBATCH --job-name=hffffffffffffff\n#SBATCH --output=/dev/null\nexec sleep 600\n"
    there = recorder.record("clusters-sbatch", "sbatch", "--parsable", f"--clusters={OTHER}", script=script)
    time.sleep(5)
    _listing(recorder, "clusters", codec)
    job = there.partition(";")[0]
    _asked(recorder, "clusters-sacct", codec.accounting(lab.account, time.time() - 3600, batch_ids=[job]))
    lab.run_as_account(["scancel", f"--clusters={OTHER}", job])
    lab.run_as_account(["scancel", here])


def _federation(recorder: Recorder) -> None:
    lab = recorder.lab
    lab.slurm.command("sacctmgr", "-i", "add", "federation", "fed", f"clusters=lab,{OTHER}")
    process.wait_until(
        lambda: b"Synced:Yes" in lab.slurm.command("scontrol", "show", "federation").stdout, "not in sync", 60
    )
    anywhere = [recorder.submit(f"hg{letter * 13}", _SLEEP, _TWO_CPUS) for letter in "abc"]
    time.sleep(6)
    _listing(recorder, "federation", Codec())
    lab.run_as_account(["scancel", *anywhere])
    time.sleep(6)
    named = recorder.submit("hhaaaaaaaaaaaaa", _SLEEP, _TWO_CPUS, f"--clusters={OTHER}").partition(";")[0]
    recorder.submit("hhbbbbbbbbbbbbb", _SLEEP, _TWO_CPUS, f"--clusters={OTHER}")
    time.sleep(6)
    codec = Codec(cluster=OTHER)
    _listing(recorder, "federation-named", codec)
    _listing(recorder, "federation-not-named", Codec())
    _asked(recorder, "federation-named-scancel", codec.cancel([named]))
    time.sleep(6)
    _listing(recorder, "federation-cancelled", codec)
    since = time.time() - 3600
    _asked(recorder, "federation-sacct", codec.accounting(lab.account, since, batch_ids=[named]))


def main(folder: Path) -> None:
    """Makes all of them."""
    with premises("site") as place:
        prolog, fails = place.folder / "prolog", place.folder / "fails"
        prolog.write_text(f"#!/bin/sh\n[ ! -e {fails} ]\n")
        prolog.chmod(0o755)
        options = LabOptions(cpus=2, slurm_conf_lines=(f"Prolog={prolog}", "PrologFlags=Alloc"))
        lab = start_lab(place, options)
        recorder = Recorder(lab, folder)
        _held(recorder, fails)
        other_cluster(place, lab)
        _clusters(recorder)
        _federation(recorder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
