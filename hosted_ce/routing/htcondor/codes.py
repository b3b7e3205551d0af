"""The kinds of findings in HTCondor-CE configurations, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "attribute-name": (
        "SET, EVALSET, COPY or RENAME with a name that no attribute can have, or with a macro as name. "
        "Write letters, digits and `_`."
    ),
    "behind-transform": "Lines behind `TRANSFORM …` are not read. Take that line out.",
    "broken": (
        "A statement that HTCondor refuses. A route with it is dropped when it is loaded, or fails for "
        "every pilot; a transform with it stops the pilot."
    ),
    "condition": (
        "`if` takes a truth value, a number, `defined NAME`, `version >= X.Y` or one macro; nothing "
        "else. Put the expression into `EVALMACRO t …` and write `if $(t)`."
    ),
    "converted": "An old statement was written anew in a way that should be looked at.",
    "default-attribute": (
        "HTCondor-CE reads `default_maxMemory`, `default_queue`, `default_xcount`, "
        "`default_maxWallTime` and `default_pilot_job_env` as macros. `SET` makes an attribute of it "
        "that nothing reads."
    ),
    "default-macro": (
        "HTCondor-CE reads `default_CERequirements` as an attribute; `=` makes a macro that nothing reads."
    ),
    "empty-environment": (
        '`CONDORCE_PILOT_JOB_ENV =` with nothing spoils the merge of environments. Write `""`.'
    ),
    "endless-macro": "Macros that lead to each other, or expand to very much. HTCondor hangs over them.",
    "envelope-in-if": (
        "NAME, REQUIREMENTS, UNIVERSE and TRANSFORM count wherever they are, also in `if false`."
    ),
    "error-directive": "The configuration itself says `error : …`.",
    "expression": (
        "The text is not a ClassAd expression. HTCondor logs it for each pilot and passes the line over."
    ),
    "grid-resource": (
        "`GridResource = …` is expanded when the route is loaded, where `$(MY.…)` is empty. Write `SET "
        "GridResource …`."
    ),
    "grid-resource-cluster": (
        "The route's GridResource is for another batch system than the cluster of the site file has. The "
        "cluster counts."
    ),
    "here-document": "`NAME @=tag` without a line `@tag` behind it.",
    "hidden-route": (
        "A route before this one takes all its pilots, so that they get here only while that one is full."
    ),
    "if-structure": "`else`, `elif` or `endif` without `if`, two `else`, or an `if` without `endif`.",
    "ignored-text": "HTCondor reads the first expression and passes over what follows, comments too.",
    "mapfile-ban": "A ban behind a line that maps the same identity is never reached.",
    "mapfile-pattern": "The pattern is not a regular expression.",
    "mapfile-syntax": 'The line has not the form `METHOD /pattern/ account` or `METHOD "name" account`.',
    "mapfile-unanchored": (
        "Patterns are looked for anywhere in `issuer,subject`. Begin with `^` and end with `$`, or with"
        " the comma behind the issuer."
    ),
    "name-comma": (
        "A comma or equals sign that touches the name is taken for part of it. Put a blank before it."
    ),
    "nested-default": (
        "In `$(a:$(b:$(c)))` the default ends at the second bracket, and the third is left over."
    ),
    "nested-function": "The argument of a function ends at the first bracket, so that it cannot be `$(…)`.",
    "no-effect": "A setting of routes that is not followed here.",
    "no-route": "JOB_ROUTER_ROUTE_NAMES names a route that is not defined, or empty.",
    "no-transform": (
        "A transform that is named is not defined, or empty. HTCondor then routes nothing at all."
    ),
    "not-a-macro": "`$(…)` with blanks, quotes, `+` or `-` in it is no macro, and stays in the text.",
    "not-followed": "A setting that is not followed here.",
    "not-read": "`include` and `use` are not followed: give the files' texts, in their order.",
    "old-routes": (
        "Routes in the old syntax, which HTCondor reads no more since version 25. They can be imported."
    ),
    "old-statement": (
        "`set_x =`, `eval_set_x =`, `copy_x =`, `delete_x =` in a new route make macros, and do nothing."
    ),
    "old-syntax": "A part of old routes that cannot be read.",
    "pattern": "A pattern that PCRE does not take. HTCondor logs it for each pilot and passes the line over.",
    "pattern-flag": "The flag `g` makes a pattern match at the beginning of names only.",
    "plus-attribute": "`+Name = …` makes a macro in a transform. For an attribute write `SET Name …`.",
    "policy": "A policy that is not a ClassAd expression once its macros are expanded. HTCondor ignores it.",
    "renamed-route": "An old route has got a name that a new one can have.",
    "requirements": (
        "REQUIREMENTS that are not a ClassAd expression, or none without a source constraint. HTCondor "
        "drops the route; for a transform it stops all routing."
    ),
    "requirements-backslash": (
        "A backslash in REQUIREMENTS is read once as itself and once as an escape, and both must match."
    ),
    "requirements-fatal": "REQUIREMENTS over which HTCondor's job router ends itself.",
    "requirements-macro": "Macros are not expanded in REQUIREMENTS.",
    "requirements-macro-name": (
        "`Requirements = …` makes a macro that nothing reads. Write REQUIREMENTS without `=`."
    ),
    "requirements-my": (
        "`MY.` is nothing in the query that selects pilots for all routes, so that the route gets only "
        "what other routes let in."
    ),
    "requirements-target": "`TARGET.` is nothing in REQUIREMENTS, so that they are never true.",
    "requirements-twice": "Of several REQUIREMENTS only the last counts.",
    "route": "A route that HTCondor refuses when it is loaded.",
    "several-lines": "An old route has a text of several lines, which a new one cannot have.",
    "stray-comment": (
        "A comment between continued lines must itself end in a backslash. HTCondor takes its last "
        "character for part of the line."
    ),
    "syntax": (
        "A line that is no assignment, or a name that no macro can have. HTCondor does not start with it."
    ),
    "text-before-equals": "Of `A B = c` HTCondor takes A, and ignores B.",
    "undefined-macro": (
        "The macro is not defined in the files that were read, and is empty. It may be one that "
        "HTCondor has by itself."
    ),
    "universe": "UNIVERSE alone does not define the macro TargetUniverse, which whole nodes go by.",
    "unnamed-route": "A route that JOB_ROUTER_ROUTE_NAMES does not name is off.",
    "unnamed-transform": "A transform that is named nowhere is off.",
    "unread-macro": "Nothing reads the macro. A typing error?",
    "unusable-character": "A NUL, or half of a character of two. The rest of the file is read without it.",
    "warning-directive": "The configuration itself says `warning : …`.",
    "written-over": "A transform behind the routes sets the attribute anew.",
}
