"""How the CE gets to the cluster: login nodes, account, addresses."""

from __future__ import annotations

from hosted_ce.site_init.question import NONE, Question, fixed
from hosted_ce.site_init.questions.batch import CLUSTER
from hosted_ce.site_init.questions.names import has_batch_system, is_hosted

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
        "jump",
        "Jump hosts on the way to the login nodes",
        "Only where SSH from outside has to go through a jump (bastion) host first: each as host or "
        "host:port, from the first on. We log in there by the same account and key, run nothing, and are let "
        "through to the next host; the letter has the line for its authorized_keys. If your firewall lets "
        "our addresses through to a login node, the answer is none.",
        "bastion.example.edu",
        "logins_or_none",
        default=fixed(NONE),
        unknown="whether there are jump hosts on the way to a login node",
        asked_if=is_hosted,
        place=(*CLUSTER, "jump"),
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
