"""Root is given up at the start, for good: nothing that the CE does needs it."""

from __future__ import annotations

import ctypes
import os
import pwd

from hosted_ce.daemon.errors import CannotStart, SetUpWrong
from hosted_ce.settings import Settings

_PR_SET_NO_NEW_PRIVS = 38


def settle_account(settings: Settings) -> None:
    """Has the process run as the account of the settings.

    Raises SetUpWrong, also for root nobody meant, and CannotStart when the machine cannot do it now.
    """
    if os.geteuid() != 0:
        _check_already(settings.user)
    elif settings.user is not None:
        _become(_account(settings.user), settings)
    elif not settings.root:
        raise SetUpWrong(
            "started as root, which the CE needs for nothing: name its account with --user hosted-ce, start "
            "it as that account, or set HOSTED_CE_ROOT=true if root is meant"
        )


def _check_already(user: str | None) -> None:
    if user is not None and _account(user).pw_uid != os.geteuid():
        raise SetUpWrong(f"only root can become {user}: start it as root or as {user}, or without --user")


def _account(user: str) -> pwd.struct_passwd:
    try:
        account = pwd.getpwnam(user)
    except (KeyError, ValueError) as error:
        raise SetUpWrong(f"there is no account {user!r} on this machine: make it, or name another") from error
    if account.pw_uid == 0 or account.pw_gid == 0:
        raise SetUpWrong(f"the account {user} is root's, or in its group: name another")
    return account


def _become(account: pwd.struct_passwd, settings: Settings) -> None:
    try:
        if not settings.state.exists():
            settings.state.mkdir(parents=True, mode=0o700)
            os.chown(settings.state, account.pw_uid, account.pw_gid)
        os.initgroups(account.pw_name, account.pw_gid)
        os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
        os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)  # capabilities go with it
    except PermissionError as error:  # root without its capabilities
        raise SetUpWrong(f"cannot become {account.pw_name}: {error}") from error
    except OSError as error:
        raise CannotStart(f"cannot become {account.pw_name}: {error}") from error
    os.environ.update(HOME=account.pw_dir, USER=account.pw_name, LOGNAME=account.pw_name)
    _never_again()


def _never_again() -> None:
    """No program that is started gets more rights, set-user-id or not. Older kernels know no such promise."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
