"""Wrong values in a site file: each is told with its place and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.site.batch import BATCH_SYSTEMS
from tests.unit.site_texts import GOOD, changed, only_problem, places_of

WRONG_VALUES = {
    "a key that is misspelled": (
        changed("      walltime: 72h", "      ⌖waltime: 72h"),
        'routes[0].request.waltime: "waltime" is not a key that belongs here; did you mean walltime?',
    ),
    "a key of another level": (
        changed("    limits:\n      pilots: 100\n      idle: 10\n", "    ⌖pilots: 100\n"),
        'routes[0].pilots: "pilots" is not a key that belongs here; did you mean limits.pilots?',
    ),
    "Slurm's word for a queue": (
        changed("      queue: osg", "      ⌖partition: osg"),
        'routes[0].request.partition: "partition" is not a key that belongs here; did you mean queue?',
    ),
    "a key like no other": (
        changed("        port: 2222", "        ⌖zzz: 1"),
        'clusters.main.login[0].zzz: "zzz" is not a key that belongs here; the keys here are: host, port',
    ),
    "a cluster that is named like a key": (
        GOOD.replace("main:", "login:").replace("    batch: slurm", "    batch: slurm\n    ⌖pol: 1m"),
        'clusters.login.pol: "pol" is not a key that belongs here; did you mean poll?',
    ),
    "a key that is missing": (
        changed("    known_hosts: /etc/hosted-ce/known_hosts\n", "").replace("main:", "⌖main:"),
        "clusters.main.known_hosts: this key is missing; "
        "add it: Path of the file with the login nodes' host keys, on the machine of this service, "
        "in OpenSSH's format",
    ),
    "a missing key at the top": (
        "# a comment\n" + changed("site: Example-University\nresource", "⌖resource"),
        "site: this key is missing; add it: Name of the site in OSG Topology",
    ),
    "a duplicate key": (
        changed("      cpus: 8\n", "      cpus: 8\n      ⌖cpus: 4\n"),
        'routes[0].request.cpus: "cpus" is given twice, first on line 15; keep one of the two',
    ),
    "no value": (
        changed("      queue: osg", "      ⌖queue:"),
        "routes[0].request.queue: there is no value; write one, or take the line out",
    ),
    "no value for a key that is needed": (
        changed("    account: osg01", "    ⌖account:"),
        "clusters.main.account: there is no value; write one, or take the line out",
    ),
    "words after a duration": (
        changed("walltime: 72h", "walltime: ⌖72 hours long"),
        'routes[0].request.walltime: "72 hours long" is not a duration; write 72h, 90m or 3d',
    ),
    "a bare number for a duration": (
        changed("walltime: 72h", "walltime: ⌖4320"),
        "routes[0].request.walltime: 4320 has no unit; "
        "write 4320h for hours, 4320m for minutes or 4320s for seconds",
    ),
    "a duration that YAML 1.1 reads as the number 90": (
        changed("walltime: 72h", "walltime: ⌖1:30"),
        'routes[0].request.walltime: "1:30" can mean two things; write 1h 30m or 1m 30s',
    ),
    "a duration that is too short": (
        changed("walltime: 72h", "walltime: ⌖59s"),
        "routes[0].request.walltime: 59s is too short; the least is 1m",
    ),
    "a duration that is too long": (
        changed("    account: osg01", "    account: osg01\n    command_timeout: ⌖11m"),
        "clusters.main.command_timeout: 11m is too long; the most is 10m",
    ),
    "a list for a duration": (
        changed("walltime: 72h", "walltime: ⌖[72h]"),
        "routes[0].request.walltime: a duration is expected here, not a list; write 72h, 90m or 3d",
    ),
    "a bare number for memory": (
        changed("memory: 16 GB", "memory: ⌖16"),
        "routes[0].request.memory: 16 has no unit; write 16 GB or 16 MB (1 GB is 1024 MB)",
    ),
    "no memory": (
        changed("memory: 16 GB", "memory: ⌖0 GB"),
        "routes[0].request.memory: 0 GB is too little; the least is 1 MB",
    ),
    "a number in quotes": (
        changed("cpus: 8", 'cpus: ⌖"8"'),
        'routes[0].request.cpus: a whole number is expected here, not "8"; '
        "write it in plain digits and without quotes, such as 8",
    ),
    "a port that YAML 1.1 reads as 18": (
        changed("port: 2222", "port: ⌖022"),
        'clusters.main.login[0].port: a whole number is expected here, not "022"; '
        "write it in plain digits and without quotes, such as 8",
    ),
    "a truth value that only YAML 1.1 knows": (
        changed("cpus: 8", "cpus: 8\n      whole_node: ⌖no"),
        'routes[0].request.whole_node: true or false is expected here, not "no"; '
        "write true or false, without quotes",
    ),
    "true for a number": (
        changed("cpus: 8", "cpus: ⌖true"),
        "routes[0].request.cpus: a whole number is expected here, not the value true; "
        "write it in plain digits and without quotes, such as 8",
    ),
    "a number for text": (
        changed("queue: osg", "queue: ⌖12"),
        'routes[0].request.queue: text is expected here, not the number 12; put it in quotes: "12"',
    ),
    "true for text": (
        changed("queue: osg", "queue: ⌖true"),
        'routes[0].request.queue: text is expected here, not the value true; put it in quotes: "true"',
    ),
    "a list for text": (
        changed("queue: osg", "queue: ⌖[osg]"),
        "routes[0].request.queue: text is expected here, not a list; "
        "write one value after the colon, on the same line",
    ),
    "text for a list": (
        changed("resource: Example-CE1", "resource: Example-CE1\ncontacts: ⌖a@example.edu"),
        'contacts: a list is expected here, not "a@example.edu"; '
        "begin each item with '- ' on a line of its own, or write [first, second]",
    ),
    "text for a group of keys": (
        changed("    limits:\n      pilots: 100\n      idle: 10\n", "    limits: ⌖many\n"),
        'routes[0].limits: a group of keys is expected here, not "many"; '
        "write key: value on the lines below, indented",
    ),
    "a list for the clusters": (
        GOOD[: GOOD.index("clusters:")] + "clusters: ⌖[main]\n" + GOOD[GOOD.index("routes:") :],
        "clusters: a group of keys is expected here, not a list; "
        "write key: value on the lines below, indented",
    ),
    "no login node": (
        changed("\n      - host: login.example.edu\n        port: 2222", " ⌖[]"),
        "clusters.main.login: there is nothing in it; write at least one",
    ),
    "no route": (
        GOOD[: GOOD.index("routes:")] + "routes: ⌖[]\n",
        "routes: there is nothing in it; write at least one",
    ),
    "too many submits": (
        changed("    account: osg01", "    account: osg01\n    submit_window: ⌖33"),
        "clusters.main.submit_window: 33 is too large; the most is 32",
    ),
    "too few pilots": (
        changed("pilots: 100", "pilots: ⌖-1"),
        "routes[0].limits.pilots: -1 is too small; the least is 0",
    ),
    "another name of a batch system": (
        changed("batch: slurm", "batch: ⌖GridEngine"),
        'clusters.main.batch: "GridEngine" is not a batch system that this version drives; write sge',
    ),
    "no batch system at all": (
        changed("batch: slurm", "batch: ⌖slrum"),
        'clusters.main.batch: "slrum" is not a batch system that this version drives; '
        f"this version drives {', '.join(BATCH_SYSTEMS)}",
    ),
    "an option that the batch system lacks": (
        changed("batch: slurm", "batch: slurm\n    batch_options: {memory_resource: ⌖h_vmem}"),
        'clusters.main.batch_options.memory_resource: "memory_resource" is no option of slurm; '
        "its options are: cluster",
    ),
    "an option with another value": (
        changed("batch: slurm", "batch: pbs\n    batch_options: {flavour: ⌖pbspro}"),
        'clusters.main.batch_options.flavour: "pbspro" is no value of flavour; it can be: openpbs, torque',
    ),
    "a batch system that needs a shared home": (
        changed("batch: slurm", "batch: sge\n    shared_home: ⌖false"),
        "clusters.main.shared_home: pilots of sge need a spool that the worker nodes see; take shared_home "
        "out, and put the spool on a file system that they share with the login node",
    ),
    "a shared home without HTCondor's name for it": (
        changed("batch: slurm", "batch: htcondor\n    shared_home: ⌖true"),
        "clusters.main.shared_home: filesystem_domain says whether the nodes see the spool: it is missing; "
        "add it to batch_options, or take shared_home out",
    ),
    "no shared home, and HTCondor's name for it": (
        changed(
            "batch: slurm",
            "batch: htcondor\n    shared_home: ⌖false\n    batch_options: {filesystem_domain: a.edu}",
        ),
        "clusters.main.shared_home: filesystem_domain says whether the nodes see the spool: it is there; "
        "take it out of batch_options, or take shared_home out",
    ),
    "an option of another batch system": (
        changed("batch: slurm", "batch: sge").replace("queue: osg", "extra: [-P a, ⌖--constraint=avx2]"),
        'routes[0].request.extra[1]: "--constraint=avx2" is not an option of qsub that can be given here; '
        "these can be: -M -P -R -ac -ar -binding -js -l -m -masterq -p -sc -w",
    ),
    "a word of another batch system": (
        changed("batch: slurm", "batch: sge").replace("queue: osg", "qos: ⌖low"),
        "routes[0].request.qos: this means nothing to the batch system of the route's cluster; "
        "take it out; see extra",
    ),
    "a key for a cluster that is here": (
        GOOD.replace("    login:\n      - host: login.example.edu\n        port: 2222\n", "")
        .replace("    known_hosts: /etc/hosted-ce/known_hosts\n", "")
        .replace("key: /etc", "transport: local\n    key: ⌖/etc"),
        "clusters.main.key: a cluster with transport: local is not reached by SSH; "
        "take it out, or take transport: local out",
    ),
    "a host with a user": (
        changed("host: login.example.edu", "host: ⌖osg01@login.example.edu"),
        'clusters.main.login[0].host: "osg01@login.example.edu" has a user in it; '
        "write the host only; the user goes to account:",
    ),
    "a host with a port": (
        changed("host: login.example.edu", "host: ⌖login.example.edu:22"),
        'clusters.main.login[0].host: "login.example.edu:22" has a port in it; '
        "write the host only; the port goes to port:",
    ),
    "a space in a queue": (
        changed("queue: osg", "queue: ⌖osg long"),
        'routes[0].request.queue: "osg long" has a space as character 4; '
        "begin with a letter, digit or _; go on with letters, digits and _ . @ : + -",
    ),
    "a line break in an account": (
        changed("queue: osg", 'account: ⌖"a\\n#SBATCH --uid=0"'),
        'routes[0].request.account: "a\\n#SBATCH --uid=0" has a line break as character 2; '
        "begin with a letter, digit or _; go on with letters, digits and _ . @ : + -",
    ),
    "an option for a qos": (
        changed("queue: osg", "qos: ⌖--uid=0"),
        'routes[0].request.qos: "--uid=0" has "-" as its first character; '
        "begin with a letter, digit or _; go on with letters, digits and _ . @ : + -",
    ),
    "a quote in a route's name": (
        changed("name: default", "name: ⌖a'b"),
        'routes[0].name: "a\'b" has "\'" as character 2; use only letters, digits and _ . -',
    ),
    "a route's name that is too long": (
        changed("name: default", "name: ⌖" + "r" * 65),
        f'routes[0].name: "{"r" * 57}..." has 65 characters; a name has at most 64',
    ),
    "a cluster's name with a space": (
        changed("main:", "⌖my cluster:"),
        'clusters["my cluster"]: "my cluster" has a space as character 3; use only letters, digits and _ . -',
    ),
    "a variable's name with a hyphen": (
        changed("queue: osg", "environment: {OSG_GRID: /cvmfs, ⌖OSG-TMP: /tmp}"),
        'routes[0].request.environment.OSG-TMP: "OSG-TMP" has "-" as character 4; '
        "use only letters, digits and _; do not begin with a digit",
    ),
    "a variable's value with a line break": (
        changed("queue: osg", 'environment: {OSG_TMP: ⌖"a\\nb"}'),
        "routes[0].request.environment.OSG_TMP: there is a line break as character 2; "
        "write it on one line, without control characters",
    ),
    "a number for a variable": (
        changed("queue: osg", "environment: {THREADS: ⌖8}"),
        "routes[0].request.environment.THREADS: text is expected here, not a number; put it in quotes",
    ),
    "an empty expression": (
        changed("name: default", 'name: default\n    when: ⌖" "'),
        "routes[0].when: the expression is empty; leave when: out of a route that takes every pilot",
    ),
    "a mail address that is none": (
        changed("resource: Example-CE1", "resource: Example-CE1\ncontacts: [a@b.c, ⌖root]"),
        'contacts[1]: "root" is not a mail address; write one address, such as admin@example.edu',
    ),
    "a step upwards in the spool": (
        changed("    account: osg01", "    account: osg01\n    spool: ⌖~/../osg02"),
        'clusters.main.spool: "~/../osg02" has a . or .. step in it; '
        "write the folder's full path without such steps",
    ),
    "the home itself as the spool": (
        changed("    account: osg01", "    account: osg01\n    spool: ⌖~/"),
        'clusters.main.spool: "~/" is no folder of its own; write it as ~/hosted-ce or /shared/hosted-ce',
    ),
    "somebody else's home as the spool": (
        changed("    account: osg01", "    account: osg01\n    spool: ⌖~bob/x"),
        'clusters.main.spool: "~bob/x" is not a usable folder; write it as ~/hosted-ce or /shared/hosted-ce, '
        "with only letters, digits and _ . + @ - in its names",
    ),
    "a shell's characters in the spool": (
        changed("    account: osg01", '    account: osg01\n    spool: ⌖"/x/a;b"'),
        'clusters.main.spool: "/x/a;b" is not a usable folder; write it as ~/hosted-ce or /shared/hosted-ce, '
        "with only letters, digits and _ . + @ - in its names",
    ),
    "a variable in scratch": (
        changed("    account: osg01", "    account: osg01\n    scratch: ⌖$TMPDIR"),
        'clusters.main.scratch: "$TMPDIR" has a variable in it; variables are not expanded; '
        "write it as /scratch or /local/osg",
    ),
    "an argument for python": (
        changed("    account: osg01", "    account: osg01\n    python: ⌖python3 -I"),
        'clusters.main.python: "python3 -I" has a space as character 8; '
        "write a name or a path, without options, of letters, digits and _ . / + -",
    ),
    "a key file with a relative path": (
        changed("key: /etc/hosted-ce/osg01.key", "key: ⌖osg01.key"),
        'clusters.main.key: "osg01.key" is not a full path; begin it with /',
    ),
    "an option that the CE owns": (
        changed("queue: osg", "extra: [--constraint=avx2, ⌖--time=1]"),
        'routes[0].request.extra[1]: "--time=1" cannot be given here: --time is set by the CE; '
        "use request.walltime",
    ),
    "two routes of one name": (
        GOOD + "  - name: ⌖default\n",
        'routes[1].name: "default" is already the name of routes[0]; give each route its own name',
    ),
    "a route to no cluster": (
        changed("name: default", "name: default\n    cluster: ⌖mian"),
        'routes[0].cluster: there is no cluster "mian"; the clusters of this file are: main',
    ),
    "a route that is text": (
        GOOD + "  - ⌖gpu\n",
        'routes[1]: a group of keys is expected here, not "gpu"; '
        "write key: value on the lines below, indented",
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_a_wrong_value_is_told_with_its_place_and_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    problem = only_problem(tmp_path, text)
    line, column = places_of(text)[0]
    assert problem.describe("routes/x.yaml") == f"routes/x.yaml:{line}:{column}: {said}"
    assert problem.severity == "error"
