"""How the CE gets to the cluster: login nodes, account, addresses."""

from __future__ import annotations

from hosted_ce.site_init.question import Question, fixed
from hosted_ce.site_init.questions.batch import CLUSTER
from hosted_ce.site_init.questions.names import has_batch_system, is_hosted

DIRECT, JUMP = "direct", "jump"

WAY_IN = (
    Question(
        "login",
        "Login nodes",
        "The machines to which we connect by SSH, each as host or host:port; the port is 22 where there is "
        "none. They must have the batch system's commands. One is used at a time; if it is away the next is "
        "tried, so two are better than one, if they share the home.",
        "login1.example.edu, login2.example.edu:2222",
        "logins",
        unknown="the name and the SSH port of a login node",
        asked_if=is_hosted,
        place=(*CLUSTER, "login"),
        stands_in=["login.example.edu"],
    ),
    Question(
        "reach",
        "Whether a login node can be reached without a jump host",
        "This CE connects straight to a login node. If people outside of your campus have to go through a "
        "jump (bastion) host first, answer jump: then your firewall has to let our addresses through to the "
        "login node's SSH port. It is an item of the letter.",
        "direct",
        "choice",
        default=fixed(DIRECT),
        unknown="whether a login node can be reached without a jump host",
        asked_if=is_hosted,
        choices={
            DIRECT: "SSH from outside arrives at the login node",
            JUMP: "people go through a jump host; the firewall has to let us through",
        },
    ),
    Question(
        "account",
        "Unix account",
        "An ordinary account for us alone, without privileges, that may submit jobs. All our jobs are its "
        "jobs, so you see and limit us as you do any user. It must log in by our key alone, without a "
        "password or a second factor, since nobody is there to type one.",
        "osg01",
        "account",
        default=fixed("osg01"),
        unknown="the name of the Unix account",
        asked_if=has_batch_system,
        place=(*CLUSTER, "account"),
        stands_in="osg01",
    ),
    Question(
        "fingerprints",
        "Fingerprints of the login nodes' host keys",
        "They prove to us that we talk to your machines and not to somebody between. On each login node run "
        "`for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done` and send what it prints, by "
        "mail or on a call. Lines of ssh-keygen can be written here as they are, separated by commas.",
        "SHA256:wl5Tq0yR6mS1Uj9v3b7cXk2nE8fGhZpD4aLoQiWrYtM",
        "fingerprints",
        unknown="the SHA256 fingerprints of the login nodes' host keys",
        asked_if=is_hosted,
    ),
    Question(
        "our_addresses",
        "Addresses from which this CE connects",
        "The public addresses or networks of the machine on which this CE runs, as the site sees them. The "
        "letter asks the site to let them through its firewall, and puts them into the line for "
        "authorized_keys, so that the key is of no use anywhere else.",
        "192.0.2.10, 2001:db8::/64",
        "addresses",
        owner="OSG",
        unknown="the addresses from which the CE connects",
        asked_if=is_hosted,
    ),
)
