"""What the comments of the site file say."""

from __future__ import annotations

from collections.abc import Mapping

from hosted_ce.site_init.question import Place

HEAD = (
    "A site file: one contributing site, its cluster, and the routes of pilots to it. Written by `hosted-ce",
    "site init`. What is marked CHANGE is not settled yet. Check it with `hosted-ce site lint`.",
    "Durations need a unit (30s, 90m, 72h, 3d), and so does memory (2048 MB, 16 GB; 1 GB is 1024 MB).",
    "A key that is not known is an error, so a slip of the pen cannot go unnoticed.",
)

ABOVE: Mapping[Place, tuple[str, ...]] = {
    ("site",): (
        "The names under which OSG Topology knows this CE. Accounting and the factory use the same ones.",
    ),
    ("contacts",): ("The people who look after the cluster.",),
    ("clusters", "main", "transport"): (
        "The CE runs at the site, where the batch system's commands work: no SSH.",
    ),
    ("clusters", "main", "jump"): ("SSH goes through these, from the first on.",),
    ("clusters", "main", "login"): ("Tried in this order; all must see the same spool.",),
    ("clusters", "main", "key"): ("Secrets are paths, never values. This file is for the service only.",),
    ("clusters", "main", "known_hosts"): ("The login nodes' host keys. A node with another key is refused.",),
    ("clusters", "main", "spool"): (
        "Pilots' scripts, output and records. Login and worker nodes share this folder.",
    ),
    ("clusters", "main", "shared_home"): ("Worker nodes do not see the spool: files travel with each job.",),
    ("clusters", "main", "scratch"): ("Where pilots work on the worker node; they get it as OSG_WN_TMP.",),
    ("routes",): ("A pilot goes to the first route that matches, and waits there for room.",),
    ("routes", "gpu", "when"): ("A ClassAd expression over the pilot's attributes.",),
    ("routes", "default", "request"): (
        "What the batch job asks for where the pilot does not say. A pilot's own xcount, maxMemory,",
        "maxWallTime, queue and project win.",
    ),
    ("routes", "default", "limits"): (
        "The most at the site: pilots waiting and running together, and those of them that wait.",
    ),
    ("routes", "gpu", "ramp"): ("Begins with two pilots, and doubles while they do well.",),
    ("routes", "default", "ramp"): ("Begins with two pilots, and doubles while they do well.",),
    ("checks",): ("`hosted-ce site check` by itself, with some worker nodes.",),
    ("issuers",): ("Whose tokens the front door takes, and as which account their pilots run.",),
    ("front_door",): ("The factory's door: HTCondor-C. `hosted-ce front-door check` says what it needs.",),
}

ADVERTISE = (
    "Where factories look for CEs. Take the # out when the checks are passed and test pilots have run.",
    "advertise_to:",
    "  - collector.opensciencegrid.org:9619",
)

NO_DOOR = (
    "The factory's door, when the CE has a public name and a certificate for it:",
    "front_door:                       # CHANGE: the CE's public name is not known yet (door_host)",
    "  host: ce.example.edu",
    "  certificate: /etc/hosted-ce/hostcert.pem",
    "  certificate_key: /etc/hosted-ce/hostkey.pem",
)

NO_ISSUER = (
    "issuers:                          # CHANGE: the tokens' issuer is not known yet (issuer)",
    "  - issuer: https://scitokens.org/osg-connect",
    "    account: osg01",
)
