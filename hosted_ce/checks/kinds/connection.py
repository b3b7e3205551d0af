"""Checks on the way to a shell at the login node."""

from __future__ import annotations

from hosted_ce.checks.kind import CheckKind, Family, Where

CONNECTION = (
    CheckKind(
        id="SSH-8",
        name="own-key",
        title="Our private key can be used",
        why="Without the key that the site file names we cannot log in. A key that others on the CE's "
        "machine can read is no secret, and ssh itself refuses such a key.",
        todo="At the CE, not at the site. If it is `known_hosts` that is missing, pin the site's host keys: "
        "`hosted-ce site init FOLDER --fingerprints=…` with what the site told, or by hand as "
        "docs/operators/first-site.md says. If it is the key: put the private key where the site file's "
        "`key` says, without a passphrase, owned by the service and readable for nobody else (`chmod 600`).",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
    ),
    CheckKind(
        id="SSH-1",
        name="login-name",
        title="The login node's name resolves",
        why="We find the login node by the name in the site file, from outside of the campus.",
        todo="Give the login node a public DNS name (an A or AAAA record), or mend `host` in the site "
        "file. A name that only the campus can resolve does not suffice.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
    ),
    CheckKind(
        id="SSH-2",
        name="login-reachable",
        title="The login node takes connections",
        why="All that the CE does at the site goes over one SSH connection to this port.",
        todo="Let the CE's address through all firewalls to the login node's SSH port, and see that sshd "
        "runs. From the CE: `nc -vz HOST PORT`. No answer at all mostly is a firewall that drops; a "
        "refusal is an sshd that does not listen, or another port.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-1",),
    ),
    CheckKind(
        id="SSH-3",
        name="login-speaks-ssh",
        title="What answers there is an SSH server",
        why="Another service on the port, or a firewall that takes connections and says nothing, looks "
        "reachable and is not.",
        todo="Tell us the port on which sshd listens (`port` in the site file). If it is right, look for "
        "a proxy or an intrusion prevention in between, and for sshd's MaxStartups.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-2",),
    ),
    CheckKind(
        id="SSH-7",
        name="host-key",
        title="The host key is the pinned one",
        why="The host key is how we know that it is your login node that we give our commands to. It is "
        "never taken on trust.",
        todo="If the node was installed anew, or another node has joined behind the name, send us the new "
        "fingerprint on a trusted way (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`). If not, "
        "somebody may be in between: find out before anything else.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-3",),
    ),
    CheckKind(
        id="SSH-4",
        name="key-accepted",
        title="The login node accepts our key for the account",
        why="Logging in with the key is the only way in which the CE works at the site.",
        todo="See that the account exists and may log in (not locked, not expired, allowed by sshd_config "
        "and access.conf), and that our public key is in its ~/.ssh/authorized_keys on one line. The home "
        "and ~/.ssh must not be writable for others, and the file has to be the account's (`chmod go-w ~ "
        "~/.ssh ~/.ssh/authorized_keys`): sshd ignores it otherwise, and says so in its log only. A `from=` "
        "in the line has to name the address from which we come as the login node sees it, which behind a "
        "NAT is another one: sshd's log then has `Authentication tried for … with correct key but not from a "
        "permitted host` and the address, or `Refused by key options`.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-7", "SSH-8"),
    ),
    CheckKind(
        id="SSH-5",
        name="key-sufficient",
        title="The key alone suffices",
        why="The CE logs in at any hour with nobody beside it, so it can answer no second factor, "
        "password or PIN.",
        todo="Except the account from the second factor, at least from the CE's address: in sshd_config, "
        "`Match User ACCOUNT Address CE-ADDRESS` with `AuthenticationMethods publickey`.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-4", "SSH-7", "SSH-8"),
    ),
    CheckKind(
        id="SSH-10",
        name="shell-runs-commands",
        title="The login shell runs the command that it is asked to",
        why="The CE starts one program over SSH. A shell such as nologin, a menu, or a start-up file that "
        "ends the session or waits for an answer keeps it out.",
        todo="Give the account a usual shell (`chsh -s /bin/bash`). In its start-up files, let nothing "
        "that asks or ends run unless the shell is interactive (`[[ $- == *i* ]] || return` at the top of "
        "~/.bashrc). Try `ssh ACCOUNT@HOST echo hello`.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-4", "SSH-5"),
    ),
    CheckKind(
        id="SSH-9",
        name="shell-quiet",
        title="The login shell prints nothing by itself",
        why="Text that start-up files print goes in front of each command's output. The CE skips it, but "
        "other tools (scp, sftp, rsync) break over it, and it costs time at each login.",
        todo="In the account's ~/.bashrc and in the site's /etc/profile.d, print only if the shell is "
        "interactive.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-10",),
    ),
    CheckKind(
        id="SSH-11",
        name="login-quick",
        title="Logging in does not take long",
        why="A login that takes many seconds mostly waits for a name server, a slow home or heavy "
        "start-up files; when the node is busy it becomes one that fails.",
        todo="Look at `UseDNS` and `GSSAPIAuthentication` in sshd_config, at what the account's and the "
        "site's start-up files load (modules, conda), and at the home's file server.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-10",),
    ),
    CheckKind(
        id="SSH-6",
        name="sessions",
        title="One session on a connection is allowed",
        why="The CE needs one session and no port forwarding. Whether the login node allows more "
        "(`MaxSessions`) is told for your information only.",
        todo="Nothing.",
        family=Family.SSH,
        where=Where.LOGIN_NODE,
        needs=("SSH-10",),
    ),
)
