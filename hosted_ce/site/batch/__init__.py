"""The batch systems of the site file: the names for `batch:`, one line each, and each one's own words.

The codecs have the same names (bosco.batch.registry); a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.site.batch import htcondor, lsf, pbs, sge, slurm
from hosted_ce.site.batch.rules import BatchRules

BATCH_SYSTEMS: Mapping[str, BatchRules] = {
    "htcondor": BatchRules(
        "Condor", htcondor.check_directive, htcondor.OPTIONS, without_home=True,
        home_option="filesystem_domain", lacks=htcondor.LACKS, whole_lines=True,
    ),
    "slurm": BatchRules(
        "SLURM", slurm.check_directive, slurm.OPTIONS, variables=slurm.VARIABLES, without_home=True,
        sees_spool=frozenset(slurm.OPTIONS), arrays=True,
    ),
    "pbs": BatchRules(
        "PBS", pbs.check_directive, pbs.OPTIONS, pbs.CHOICES, without_home=True, avoids_nodes=False
    ),
    "lsf": BatchRules("LSF", lsf.check_directive, lacks=lsf.LACKS),
    "sge": BatchRules("SGE", sge.check_directive, sge.OPTIONS, lacks=sge.LACKS),
}  # fmt: skip

OTHER_NAMES: Mapping[str, str] = {
    "gridengine": "sge", "uge": "sge", "ge": "sge", "pbspro": "pbs", "openpbs": "pbs", "torque": "pbs",
    "condor": "htcondor",
}  # fmt: skip
"""What people write, and what it is called here."""
