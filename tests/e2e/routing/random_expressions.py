"""Random pilots, and random expressions over their attributes.

Left out on purpose: `$` in a pilot's texts, which HTCondor expands and we do not: docs/developers/routing.md.
"""

from __future__ import annotations

from random import Random

ATTRIBUTES = (
    "x", "y", "maxMemory", "xcount", "RequestCpus", "missing", "s", "queue", "Owner", "Foo_Bar", "absent",
    "b", "WantWholeNode", "gone", "f", "l", "OnExitHold", "AuthTokenSubject", "New1", "new2",
)  # fmt: skip
PAST = (
    "BufferBlockSize", "CondorVersion", "CoreSize", "GlobalJobId", "User", "OsUser", "QDate", "ServerTime",
    "RemoteWallClockTime", "LastRemoteWallClockTime", "AutoClusterId", "TotalSubmitProcs", "StageInFinish",
    "UserLog", "UserLogUseXML", "DAGManNodesLog", "TimerRemove", "SUBMIT_Iwd", "RemoteUserCpu", "ExitStatus",
    "CompletionDate", "NumSystemHolds", "CommittedTime", "ExitBySignal", "CurrentHosts", "JobPrio", "Rank",
    "EnteredCurrentStatus", "NumJobStarts", "LastMatchTime", "HoldReason", "Iwd", "RoutedToJobId",
    "RouteName", "GridResource", "Remote_JobUniverse", "WantRemoteIO", "ShouldTransferFiles",
    "NumShadowStarts",
)  # fmt: skip
"""What a pilot may have of its past; a routed job loses some of it."""
OPERATORS = (
    "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "=?=", "=!=", "is", "isnt", "&",
    "|", "^", "<<", ">>", "?:",
)  # fmt: skip
_LETTERS = "abc XYZ019_-.,:;/'()%#@!*{}[]&|<>=?~^"
_ENDS = ('\\"q', "\\n", "\\t", "tail\\\\", "a\\b")
_NUMBERS = (
    "0", "1", "-1", "7", "2000", "1.5", "-0.25", "1E3", "100000000000", "3.0", "007", "2.718281828459045",
    "123456.75", "4294967297",
)  # fmt: skip
_TRUTHS = ("true", "false", "True", "undefined", "error")
_COLLECTIONS = ('{ "a","b" }', "{1, 2, x}", "{}", '[ a = 1; b = "q" ]', "[]", '"a, b,c"', '"A=1 B=2"')
_CALLS = (
    "strcat({}, {})", "ifThenElse({}, {}, {})", "isUndefined({})", 'regexp("^[a-z]+", {})', "substr({}, 1)",
    "size({})", "toUpper({})", "int({})", "real({})", "string({})", 'join(",", {}, {})', "unparse(x)",
    'stringListMember({}, "a,b, c")', "min({{ {}, 3 }})", "split({})", "{}[0]", "isError({})", "({})",
    "splitUserName({})", "mergeEnvironment({}, {})", "floor({})", "strcmp({}, {})", "nosuch({})",
    "[a = 7; b = a].b",
)  # fmt: skip
_ODD = (
    "1 +", "(x", "x)", "1 2", '"a" "b"', "x; y = 1", "x // why", "/* c */ x", "'Owner'", ".x", "010", "1.",
    "0x1F", "-0x1F", "1e30", "0x1p3", "0x1.8", "-0",
)  # fmt: skip


def number(random: Random) -> str:
    """A number."""
    return random.choice(_NUMBERS)


def string(random: Random) -> str:
    """A string in old ClassAd syntax, without `$`."""
    text = "".join(random.choice(_LETTERS) for _ in range(random.randrange(6)))
    if random.random() < 0.1:
        text += random.choice(_ENDS)
    return f'"{text}"'


def truth(random: Random) -> str:
    """A truth value, or none."""
    return random.choice(_TRUTHS)


def collection(random: Random) -> str:
    """A list or an ad."""
    return random.choice(_COLLECTIONS)


def reference(random: Random) -> str:
    """An attribute, with or without scope."""
    name = random.choice(ATTRIBUTES)
    scope = random.random()
    return f"MY.{name}" if scope < 0.2 else f"TARGET.{name}" if scope < 0.27 else name


def expression(random: Random, depth: int = 2) -> str:
    """An expression, or now and then what is none."""
    kind = random.random()
    if depth == 0 or kind < 0.35:
        return random.choice((number, string, truth, reference, reference, collection))(random)
    if kind < 0.6:
        return f"{expression(random, depth - 1)} {random.choice(OPERATORS)} {expression(random, depth - 1)}"
    if kind < 0.85:
        return random.choice(_CALLS).format(*(expression(random, depth - 1) for _ in range(3)))
    if kind < 0.93:
        return f"{expression(random, depth - 1)} ? {reference(random)} : {expression(random, depth - 1)}"
    if kind < 0.97:
        return random.choice("!-+~") + expression(random, depth - 1)
    return random.choice(_ODD)


def ad(random: Random, cluster: int, world: int) -> str:
    """A pilot that HTCondor looks at, for the route of one of the worlds."""
    lines = [f"ClusterId = {cluster}", "ProcId = 0", "JobUniverse = 5", "JobStatus = 1", f"world = {world}"]
    lines.append(f"Owner = {string(random)}")
    for name in ("x", "y", "maxMemory", "xcount", "RequestCpus", "f"):
        if random.random() < 0.5:
            lines.append(f"{name} = {random.choice((number, expression))(random)}")
    for name in ("s", "queue", "Foo_Bar", "AuthTokenSubject", "b", "l", "WantWholeNode", "OnExitHold"):
        if random.random() < 0.4:
            lines.append(f"{name} = {random.choice((string, truth, expression, collection))(random)}")
    lines += [f"{name} = {random.choice((number, string, truth))(random)}" for name in random.sample(PAST, 4)]
    return "\n".join(lines) + "\n"
