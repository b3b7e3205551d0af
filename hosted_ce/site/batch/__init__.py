"""The batch systems of the site file: the names for `batch:`, one line each, and each one's own words.

The codecs have the same names (bosco.batch.registry); a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.site.batch import htcondor, lsf, pbs, sge, slurm
from hosted_ce.site.batch.rules import BatchRules

BATCH_SYSTEMS: Mapping[str, BatchRules] = {
    "htcondor": BatchRules(
        "Condor", htcondor.check_directive, htcondor.OPTIONS, lacks=htcondor.LACKS, whole_lines=True
    ),
    "slurm": BatchRules("SLURM", slurm.check_directive),
    "pbs": BatchRules("PBS", pbs.check_directive, pbs.OPTIONS, pbs.CHOICES, avoids_nodes=False),
    "lsf": BatchRules("LSF", lsf.check_directive, lacks=lsf.LACKS),
    "sge": BatchRules("SGE", sge.check_directive, sge.OPTIONS, lacks=sge.LACKS),
}

OTHER_NAMES: Mapping[str, str] = {
    "gridengine": "sge", "uge": "sge", "ge": "sge", "pbspro": "pbs", "openpbs": "pbs", "torque": "pbs",
    "condor": "htcondor",
}  # fmt: skip
"""What people write, and what it is called here."""
