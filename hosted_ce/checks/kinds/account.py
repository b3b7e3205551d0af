"""Checks of the login node as our account finds it."""

from __future__ import annotations

from hosted_ce.checks.kind import CheckKind, Family, Where

ACCOUNT = (
    CheckKind(
        id="OS-3",
        name="python",
        title="There is a Python for the CE's agent",
        why="What the CE starts at the login node is a small Python program. It needs version 3.6 or "
        "later and nothing but its standard library, and is never installed.",
        todo="Install python3 of the distribution, or write the path of one that is there into the "
        "login's `python` in the site file.",
        family=Family.OS,
        where=Where.LOGIN_NODE,
        needs=("SSH-10",),
    ),
    CheckKind(
        id="AC-6",
        name="spool-writable",
        title="Our folder at the login node can be made and written",
        why="The CE keeps the pilots' files there, and the notes by which no pilot is submitted twice. "
        "Without it nothing is submitted.",
        todo="Let the account write where the site file's `spool` says (below its home unless told "
        "otherwise). A file system that was mounted read-only mostly had errors; one that is full, or "
        "over the quota, needs room.",
        family=Family.AC,
        where=Where.LOGIN_NODE,
        needs=("OS-3",),
    ),
    CheckKind(
        id="OS-1",
        name="login-os",
        title="The login node's operating system is one that is looked after",
        why="The OSPool's software supports Enterprise Linux 8 to 10, Debian 12 and 13, and Ubuntu 22.04 "
        "to 26.04. Version 7 may be dropped at any time. The CE itself works on all of them.",
        todo="Plan the upgrade, and tell OSG before it comes.",
        family=Family.OS,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="OS-4",
        name="login-clock",
        title="The login node's clock is right",
        why="Credentials are valid from one moment to another: with a wrong clock valid ones are refused. "
        "Times of jobs would be wrong as well.",
        todo="Let chrony or ntpd run there (`chronyc tracking`). Look at the CE's own clock first if you "
        "know yours to be right.",
        family=Family.OS,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="OS-5",
        name="login-locale",
        title="The account's locale exists",
        why="Batch systems hand the login's locale on to jobs. One that is not installed makes each shell "
        "there print warnings into the pilots' outputs.",
        todo="Install the locale, or set `LANG=C.UTF-8` in the account's ~/.bashrc.",
        family=Family.OS,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="OS-6",
        name="login-limits",
        title="The account may open enough files and start enough processes",
        why="The agent runs up to 24 batch commands at a time. Limits of a login node that are meant for "
        "people at a prompt stop it in the middle of a busy minute.",
        todo="Allow the account at least 256 open files and 100 processes (`ulimit -n`, `ulimit -u`, and "
        "the `TasksMax` and `MemoryMax` of its systemd user slice).",
        family=Family.OS,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="OS-8",
        name="login-load",
        title="The login node is not overloaded",
        why="On a node where processes wait for cores, logging in, submitting and listing take long, and "
        "fail in the end.",
        todo="See who uses it (`top`). A `poll` of a minute and a smaller `submit_window` in the site file "
        "make the CE ask less; another login node may have room.",
        family=Family.OS,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="AC-1",
        name="account-ordinary",
        title="The account is an ordinary user's",
        why="The CE needs no privilege at the site, so that a mistake of ours cannot harm anybody else.",
        todo="Use an account of its own for OSG (by custom `osg01`), which is not root and in none of the "
        "groups of administrators.",
        family=Family.AC,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="AC-3",
        name="home-usable",
        title="The account's home is there, can be written, and programs there can be run",
        why="Batch systems and pilots keep files there.",
        todo="Make the home and give it to the account (`mkhomedir_helper ACCOUNT`), on the login node "
        "and on the worker nodes.",
        family=Family.AC,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="AC-4",
        name="spool-room",
        title="There is room for our files, in bytes and in number",
        why="Each pilot has a folder with its files and outputs. On a full file system nothing is "
        "submitted, and outputs are lost.",
        todo="Make room, or give the account more: 5 GiB and 20,000 files suffice for hundreds of pilots.",
        family=Family.AC,
        where=Where.LOGIN_NODE,
        needs=("OS-3",),
    ),
    CheckKind(
        id="AC-5",
        name="quota",
        title="The account's quota has room",
        why="A quota that is reached has the same effect as a full file system, for our account only.",
        todo="Raise the account's quota, or remove what is not needed there. What is ours removes itself.",
        family=Family.AC,
        where=Where.LOGIN_NODE,
        needs=("OS-3",),
    ),
    CheckKind(
        id="AC-7",
        name="spool-exec",
        title="Programs in our folder can be run",
        why="A pilot is a script that is run from its folder. Where the folder's file system is mounted "
        "noexec on worker nodes as well, each pilot fails at once.",
        todo="Mount it without noexec, or set the cluster's `scratch` to a folder of the worker nodes "
        "from which programs can be run.",
        family=Family.AC,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="AC-8",
        name="files-private",
        title="Other users cannot write our files",
        why="The folder has pilots' credentials in it. What we make ourselves is for the account alone; a "
        "home that all can write lets others replace the folder itself.",
        todo="`chmod go-w` on the account's home and on the folders above the spool; a umask of 022 or "
        "stricter for the account.",
        family=Family.AC,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
    CheckKind(
        id="AC-9",
        name="leftovers",
        title="No folders of ours are left that nobody knows",
        why="Folders of pilots that the CE does not know take room for ever: they are of another CE that "
        "uses the account, or of one whose database was lost.",
        todo="Find out whose they are: two CEs must not share a spool. If nobody's, remove them from the "
        "spool's `pilots` folder; the CE removes only what it knows.",
        family=Family.AC,
        where=Where.LOGIN_NODE,
        needs=("AC-6",),
    ),
)
