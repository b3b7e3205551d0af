"""Every kind of error that the API answers with: the catalogue behind /docs/errors."""

from __future__ import annotations

from http import HTTPStatus

from hosted_ce.api.problems.kind import Kind

MALFORMED_JSON = Kind(
    "malformed-json",
    HTTPStatus.BAD_REQUEST,
    "The body is not usable JSON",
    "Send one JSON object in UTF-8, without duplicate keys, NaN or Infinity (RFC 7493).",
    "Expecting ',' delimiter at line 3, column 5",
)
UNAUTHORIZED = Kind(
    "unauthorized",
    HTTPStatus.UNAUTHORIZED,
    "A token is needed",
    "In a browser, sign in at /enter. A program sends `Authorization: Bearer TOKEN`, or, for what a browser "
    "shows, the token as password with any user name. The CE's operators make tokens with "
    "`hosted-ce token create`; theirs is in the file `token` of the state folder.",
    "the request has no bearer token",
)
ISSUER_AWAY = Kind(
    "issuer-away",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The token's issuer cannot be asked for its keys",
    "Try again in a minute. The CE's log says what is in the way: it needs https to the issuer, and uses "
    "the keys that it has for four days while the issuer is away.",
    "the keys of https://scitokens.org/ospool cannot be had at the moment; try again in a minute",
)
FORBIDDEN = Kind(
    "forbidden",
    HTTPStatus.FORBIDDEN,
    "The token's role does not allow this",
    "`needs` is the least role that may do it: `viewer`, `operator` or `admin`. Ask the CE's operators to do "
    "it, or for a token with that role.",
    "this needs the role operator; 'Example University' is a viewer",
)
CROSS_SITE = Kind(
    "cross-site",
    HTTPStatus.FORBIDDEN,
    "The request came from another site's page",
    "Open the page at this CE and send it from there. Behind a proxy, `Host` must reach the CE unchanged, or "
    "HOSTED_CE_PUBLIC_URL must be the address that people use. Programs send a bearer token instead.",
    "this is taken from this CE's own pages alone: open the page here, and send it from there",
)
NOT_FOUND = Kind(
    "not-found",
    HTTPStatus.NOT_FOUND,
    "There is nothing at this path",
    "Look the paths up at /docs.",
    "there is nothing at /api/v1/pilot; /docs lists the paths",
)
NO_SUCH_PILOT = Kind(
    "no-such-pilot",
    HTTPStatus.NOT_FOUND,
    "There is no such pilot",
    "List the pilots with GET /api/v1/pilots.",
    "there is no pilot 4711",
)
NO_SUCH_CLUSTER = Kind(
    "no-such-cluster",
    HTTPStatus.NOT_FOUND,
    "There is no such cluster",
    "The clusters are those of the site file; GET /api/v1/site lists them.",
    "there is no cluster 'mian'; there are: main",
)
NO_SUCH_INCIDENT = Kind(
    "no-such-incident",
    HTTPStatus.NOT_FOUND,
    "There is no such incident",
    "GET /api/v1/site/incidents lists them, with their numbers.",
    "there is no incident 3",
)
NOT_AVOIDED = Kind(
    "not-avoided",
    HTTPStatus.NOT_FOUND,
    "This node is not avoided",
    "GET /api/v1/nodes says which are.",
    "node 'n07' is not avoided; there are: n007",
)
NO_SUCH_RAMP = Kind(
    "no-such-ramp",
    HTTPStatus.NOT_FOUND,
    "This route has no ramp",
    "GET /api/v1/ramps says which have one: those with `ramp:` in the site file.",
    "there is no ramp of a route 'gpus'; there are: gpu, default",
)
NO_SUCH_RUN = Kind(
    "no-such-run",
    HTTPStatus.NOT_FOUND,
    "There is no such run of checks",
    "GET /api/v1/site/checks lists those that are kept: the last 100 of each cluster.",
    "there is no run 7 of checks; the oldest ones are forgotten",
)
NOT_PROBED = Kind(
    "not-probed",
    HTTPStatus.NOT_FOUND,
    "The cluster was not probed yet",
    "It is probed by itself at the first contact. `hosted-ce site show` says how the contact is; "
    "POST /api/v1/site/clusters/{cluster}/probe tries now.",
    "cluster main was not probed yet: there was no contact with it",
)
NO_SUCH_ENTRY = Kind(
    "no-such-entry",
    HTTPStatus.NOT_FOUND,
    "There is no such entry",
    "An entry is known when a pilot of it came. GET /api/v1/entries lists them.",
    "no pilot of entry 'OSG_US_Exmaple-CE1' ever came",
)
NO_SUCH_TOKEN = Kind(
    "no-such-token",
    HTTPStatus.NOT_FOUND,
    "There is no such token",
    "GET /api/v1/tokens lists them. One that ended more than 90 days ago may be forgotten.",
    "there is no token 7; `hosted-ce token list` shows them",
)
NO_SUCH_SESSION = Kind(
    "no-such-session",
    HTTPStatus.NOT_FOUND,
    "There is no such session",
    "GET /api/v1/sessions lists them. `current` is the one that is open; POST /api/v1/sessions begins one.",
    "no session is open; begin one: hosted-ce session begin --with NAME",
)
NO_SUCH_FILE = Kind(
    "no-such-file",
    HTTPStatus.NOT_FOUND,
    "This file was not uploaded",
    "Upload it with PUT to the same path.",
    "no file with this SHA-256 is here; upload it with PUT to the same path",
)
OUTPUT_NOT_HERE = Kind(
    "output-not-here",
    HTTPStatus.NOT_FOUND,
    "This output is not here",
    "Outputs are fetched after the batch job has ended: ask again when the pilot's stage is `done`.",
    "pilot 7 is running: its stdout is fetched when its batch job has ended",
)
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed",
    HTTPStatus.METHOD_NOT_ALLOWED,
    "This path does not take this method",
    "The answer's Allow header names the methods that it takes.",
    "PATCH is not possible at /api/v1/pilots; possible: GET, POST",
)
KEY_REUSED = Kind(
    "key-reused",
    HTTPStatus.CONFLICT,
    "The idempotency key belongs to another request",
    "Use a new Idempotency-Key for each new pilot; repeat a key only with exactly the same request.",
    "the idempotency key 'k-17' belongs to pilot 42, which was asked for with other contents; "
    "use a new key for a new pilot",
)
NAME_TAKEN = Kind(
    "name-taken",
    HTTPStatus.CONFLICT,
    "A good token has this name",
    "Names tell tokens apart in histories: choose another one, or revoke the token that has it. If an answer "
    "with a token was lost, revoke that token and ask again.",
    "token 3 has the name 'Example University': choose another, or revoke that one first "
    "(hosted-ce token revoke 3)",
)
CANNOT_STEER = Kind(
    "cannot-steer",
    HTTPStatus.CONFLICT,
    "This cannot be done to the ramp now",
    "`detail` says why. GET /api/v1/ramps says where it stands.",
    "it is pinned; unpin it first",
)
CANNOT_SETTLE = Kind(
    "cannot-settle",
    HTTPStatus.CONFLICT,
    "This doubt is not to be settled like that",
    "`detail` says what the site shows, or what is in the way of seeing it. Only pilots in doubt are settled "
    "by hand, and never against what the site shows.",
    "it has batch job 4711: hosted-ce pilots adopt 42 --batch-id 4711",
)
CANNOT_AVOID = Kind(
    "cannot-avoid",
    HTTPStatus.CONFLICT,
    "This node cannot be avoided",
    "`detail` says why. The name has to be the one that the batch system has for the node; `force` is for "
    "nodes on which no pilot ended of late.",
    "no pilot has ended on a node 'n07' of cluster main within six hours, so the name may be wrong; if it is "
    "what the batch system calls the node, use force",
)
SESSION_OPEN = Kind(
    "session-open",
    HTTPStatus.CONFLICT,
    "Another session is open",
    "There is one at a time. End that one, or go on with it.",
    "session 3 with Example University is open, and there is one at a time: "
    "end it with hosted-ce session end",
)
SESSION_ENDED = Kind(
    "session-ended",
    HTTPStatus.CONFLICT,
    "The session has ended",
    "What was said and found stays as it was at its end. Begin another session.",
    "session 3 has ended and stays as it is; begin another one",
)
CANNOT_SAY = Kind(
    "cannot-say",
    HTTPStatus.CONFLICT,
    "This cannot be said of this item",
    "`detail` says why. What is watched or run is done when it is seen, and not by saying so; it can be "
    "skipped with a reason.",
    "ready is done when it is seen, and not by saying so; skip it with a reason: "
    "hosted-ce session skip ready --reason ...",
)
CANNOT_RUN = Kind(
    "cannot-run",
    HTTPStatus.CONFLICT,
    "This cannot be started now",
    "`detail` says what is in the way.",
    "nothing is left that could be run now; see what waits: hosted-ce session show",
)
CANNOT_TEST = Kind(
    "cannot-test",
    HTTPStatus.CONFLICT,
    "No such test pilot can be sent",
    "`detail` says why. Routes and clusters are those of the site file: GET /api/v1/site lists them.",
    "there is no route 'ogs'; there are: osg, gpu",
)
RELEASED_ELSEWHERE = Kind(
    "released-elsewhere",
    HTTPStatus.CONFLICT,
    "It is released where it came from",
    "The hold is in the queue of the factory that sent the pilot, too, and only a release there ends both. "
    "`detail` has the command.",
    "pilot 42 was brought by a factory: release it at the factory: "
    "condor_release -name gfactory@factory.example.org 4711.0",
)
SITE_FILE_REFUSED = Kind(
    "site-file-refused",
    HTTPStatus.CONFLICT,
    "The site file is not put in force",
    "`errors` says why, with file, line and column. What was in force stays in force. Mend the file; the CE "
    "reads it again by itself.",
    "/etc/hosted-ce/site.yaml is not put in force; what was in force stays",
)
REQUEST_TOO_LARGE = Kind(
    "request-too-large",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "The request is too large",
    "Upload the input files one by one with PUT /api/v1/files/{sha256} and name their checksums instead; of "
    "many pilots send fewer in one request.",
    "the body of 104857600 bytes is above the limit of 33554432; upload input files one by one with "
    "PUT /api/v1/files/{sha256} and name their checksums instead",
)
FILE_TOO_LARGE = Kind(
    "file-too-large",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "An input file is too large",
    "Make it smaller (compress it, or let the pilot download it), or raise HOSTED_CE_MAX_INPUT_FILE.",
    "input file 'glidein.tar' has 20971520 bytes; the limit is 10485760",
)
UNSUPPORTED_MEDIA_TYPE = Kind(
    "unsupported-media-type",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "The body has a type or coding that is not taken here",
    "Send JSON with `Content-Type: application/json`, and no Content-Encoding.",
    "the body is application/x-www-form-urlencoded; send JSON with the header Content-Type: application/json",
)
INVALID_REQUEST = Kind(
    "invalid-request",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The request is not valid",
    "`errors` says what is wrong and where. Nothing was changed.",
    "inputs[0].name: is missing",
)
CONTENT_MISSING = Kind(
    "content-missing",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "An input file was not uploaded",
    "Upload each file that `errors` names with PUT /api/v1/files/{sha256}, then repeat the request.",
    "1 input file is not here; upload it with PUT /api/v1/files/{sha256}, then repeat the request",
)
CHECKSUM_MISMATCH = Kind(
    "checksum-mismatch",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The body has not the checksum that the path says",
    "Compute the SHA-256 of exactly the bytes that are sent (curl: --data-binary, not -d).",
    "the body of 12 bytes has SHA-256 e3b0c442…, the path says 9f86d081…",
)
INTERNAL_ERROR = Kind(
    "internal-error",
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "The CE made a mistake",
    "Look the request id up in the CE's log and report what is there. With an Idempotency-Key, trying again "
    "is safe.",
    "the CE failed to answer; its log explains it under request id 5f0c1e9a7b3d2468",
)
TOO_MANY_REQUESTS = Kind(
    "too-many-requests",
    HTTPStatus.TOO_MANY_REQUESTS,
    "Too many requests",
    "Try again after the seconds that Retry-After gives, and less often: HOSTED_CE_RATE_PER_ADDRESS and "
    "HOSTED_CE_RATE_PER_CALLER say how often one may come. Refused tokens are counted apart.",
    "too many requests come from your address; try again in 2 s",
)
TOO_SLOW = Kind(
    "too-slow",
    HTTPStatus.REQUEST_TIMEOUT,
    "The body did not arrive in time",
    "Send it again, without pauses of 15 s or more, and with 16 kB in a second.",
    "the body was not here whole after 31 s",
)
CANNOT_PROBE = Kind(
    "cannot-probe",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The site cannot be asked now",
    "`detail` says what is in the way. What an earlier probe found is at "
    "GET /api/v1/site/clusters/{cluster}/capabilities.",
    "cluster main cannot be probed: osg01@login.example.edu:22: cannot connect: no answer in time",
)
TOO_MANY_STREAMS = Kind(
    "too-many-streams",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Too many streams are open",
    "Close one, or ask GET /api/v1/pilots now and then instead.",
    "20 streams of events are open, as many as there may be",
)
DATABASE_AWAY = Kind(
    "database-away",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The CE's database does not answer",
    "Try again after the seconds that Retry-After gives. If `detail` says that nobody knows whether it was "
    "written, only with the same Idempotency-Key: then it is written once.",
    "the database does not answer, nothing was written: connection refused; try again in 5 s",
)
DISK_FULL = Kind(
    "disk-full",
    HTTPStatus.INSUFFICIENT_STORAGE,
    "The CE's own disk is full",
    "Its operators make room at its state folder. With an Idempotency-Key, trying again is safe.",
    "the CE's disk is full (No space left on device): make room at its state folder, then try again",
)
SHUTTING_DOWN = Kind(
    "shutting-down",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The CE is shutting down",
    "Try again after the seconds that Retry-After gives. With an Idempotency-Key that is safe.",
    "the CE is shutting down and takes no changes; try again in 10 s",
)
RESTART_NEEDED = Kind(
    "restart-needed",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The CE was upgraded on disk and runs the version before",
    "Restart it (`systemctl restart hosted-ce`). Until then pilots go on; what is not in memory yet is not "
    "loaded, since it may be of another version.",
    "the CE's files were replaced since it started; restart it (systemctl restart hosted-ce)",
)

CATALOGUE = tuple(
    sorted(
        (each for each in list(globals().values()) if isinstance(each, Kind)), key=lambda kind: kind.status
    )
)
"""All that are above, by status."""
