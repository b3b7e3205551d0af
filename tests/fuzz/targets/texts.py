"""Files and answers of people and servers outside: site files, imports, tokens, keys, reports of nodes."""

from __future__ import annotations

import base64
import contextlib
import json
import tempfile
from pathlib import Path

import asyncssh
from sqlalchemy.dialects import sqlite

from hosted_ce.access.token import digest_of
from hosted_ce.api.bodies.batch import batch_of
from hosted_ce.api.bodies.strict_json import BadJson, parse
from hosted_ce.api.bodies.submission import submission_of
from hosted_ce.api.cursor import keys_of
from hosted_ce.api.problems.problem import Problem
from hosted_ce.checks.dependencies import settled
from hosted_ce.checks.node.judge import judge
from hosted_ce.checks.node.parse import parse as parse_report
from hosted_ce.checks.node.promised import Promised
from hosted_ce.daemon.expiries import certificate_until, key_until, token_until
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.routing.compile import check_expression
from hosted_ce.scitokens.errors import CannotFetch, TokenRefused
from hosted_ce.scitokens.keys import key_set_address, keys_in
from hosted_ce.scitokens.rules import Rules
from hosted_ce.scitokens.verify import claimed, verified
from hosted_ce.site.errors import BadValue
from hosted_ce.site.known_hosts import may_know
from hosted_ce.site.lint.site_file import lint_words
from hosted_ce.site.load import LARGEST_FILE, read_site_text
from hosted_ce.site_import import Source, SourceError, import_site, markdown_report, notes_json, report_lines
from hosted_ce.site_init.fingerprints import check_fingerprint
from hosted_ce.store.tables import pilots
from tests.fakes.issuing import AUDIENCE, ISSUER, NOW, key_set, token
from tests.fuzz.target import Target, parts, text_of

RULES = Rules(frozenset({AUDIENCE}))
EXAMPLE = (Path(__file__).parents[3] / "routes" / "example.yaml").read_bytes()
NONCE = "n0nce567"
LARGEST_INPUT, LARGEST_BATCH, MOST_PILOTS = 1000, 20_000, 50
NAMES = (
    "values.yaml",
    "x.conf",
    "condor_mapfile",
    "x.ini",
    "glite/etc/slurm_local_submit_attributes.sh",
    "glite/etc/blah.config",
)
_AS_STORED = pilots.c.spec.type.bind_processor(sqlite.dialect())
_FOLDER = Path(tempfile.mkdtemp(prefix="hce-fuzz-"))


def site_file(data: bytes) -> None:
    """A site file, and what its lint says of it."""
    assert len(data) < LARGEST_FILE
    reading = read_site_text(data.decode("utf-8", "replace"))
    for problem in reading.problems:
        assert problem.message
        str(problem)
    lint_words(reading, check_expression=check_expression)


def site_import(data: bytes) -> None:
    """What a site file is made from: Helm values, HTCondor-CE's and osg-configure's files."""
    first, rest = data[:1] or b"0", data[1:]
    names = [NAMES[(first[0] + number) % len(NAMES)] for number in range(3)]
    sources = [
        Source(name, text.decode("utf-8", "replace"))
        for name, text in zip(names, parts(rest, 3), strict=True)
    ]
    try:
        found = import_site(sources, "d")
    except SourceError:
        return
    json.dumps(notes_json(found.notes))
    markdown_report(found.notes, "x")
    list(report_lines(found.notes))


_KEYS = keys_in(key_set("rs1", "es1"))


def tokens(data: bytes) -> None:
    """A bearer token of anybody: as it came, or header and claims in a token whose signature is wrong."""
    text = data.decode("latin-1")
    if data[:1] == b"\x01":
        header, claims, signature = (
            base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts(data[1:], 3)
        )
        text = f"{header}.{claims}.{signature}"
    digest_of(text)
    try:
        said = claimed(text)
        found = verified(said, _KEYS, RULES, NOW + 10)
    except TokenRefused:
        return
    assert (found.issuer, found.subject) == (ISSUER, "vofrontend"), (
        "only what the issuer has signed is believed"
    )


def claims(data: bytes) -> None:
    """Claims that an issuer on the list has signed: it may mean us ill, too."""
    import jwt

    from tests.fakes.issuing import ec_key

    signed = jwt.PyJWS().encode(data, ec_key("es1"), "ES256", headers={"kid": "es1"})
    try:
        found = verified(claimed(signed), _KEYS, RULES, NOW + 10)
    except TokenRefused:
        return
    assert found.subject.isprintable()
    assert found.expires_at < NOW + RULES.longest_s + 1000


def key_sets(data: bytes) -> None:
    """What an issuer's server publishes."""
    with contextlib.suppress(CannotFetch):
        assert keys_in(data)
    with contextlib.suppress(CannotFetch):
        assert key_set_address(data, ISSUER).startswith("https://")


def secret_files(data: bytes) -> None:
    """A token, certificate or key in a file that others renew."""
    path = _FOLDER / "secret"
    path.write_bytes(data)
    for ends in (token_until, certificate_until, key_until):
        until = ends(path)
        assert until is None or isinstance(until, float)


def host_keys(data: bytes) -> None:
    """known_hosts files, host key lines, fingerprints as people send them."""
    text = text_of(data)
    may_know(text, "login.example.edu", 2222)
    with contextlib.suppress(BadValue):
        check_fingerprint(text)
    with contextlib.suppress(ValueError):
        asyncssh.import_known_hosts(data.decode("utf-8", "replace"))
    with contextlib.suppress(asyncssh.KeyImportError):
        asyncssh.import_public_key(data)


def node_report(data: bytes) -> None:
    """What a pilot that looked around printed at its node."""
    report = parse_report(data, NONCE)
    if report is not None:
        results = settled(judge(report, Promised()))
        assert all(result.seen for result in results)
        json.dumps([result.data for result in results])


def requests(data: bytes) -> None:
    """Bodies of the API, and its cursors."""
    with contextlib.suppress(ValueError):
        keys_of(data.decode("latin-1"))
    try:
        value = parse(data)
    except BadJson:
        return
    with contextlib.suppress(ValueError):  # pydantic's is one
        PilotSpec.model_validate(value)
    with contextlib.suppress(Problem):
        submission_of(data, LARGEST_INPUT)
    with contextlib.suppress(Problem):
        many = batch_of(data, max_file=LARGEST_INPUT, max_pilots=MOST_PILOTS, max_bytes=LARGEST_BATCH)
        assert 0 < sum(number for _, number in many.wanted) <= MOST_PILOTS
        assert sum(_stored(spec) * number for spec, number in many.wanted) <= LARGEST_BATCH
        assert all(spec.inputs == many.inputs for spec, _ in many.wanted), "what they share is shared"


def _stored(spec: PilotSpec) -> int:
    """Its bytes, as the database itself would be given them."""
    assert _AS_STORED is not None
    return len(_AS_STORED(spec.model_dump(mode="json")).encode())


TARGETS = (
    Target("site-file", "site YAML", site_file, (EXAMPLE,), 8192),
    Target("site-import", "imported configuration", site_import, largest=8192),
    Target("tokens", "tokens and keys", tokens, (token("rs1").encode(), token("es1").encode())),
    Target("claims", "tokens and keys", claims, largest=4096),
    Target("key-sets", "tokens and keys", key_sets, (key_set("rs1"), key_set("es1"))),
    Target("secret-files", "tokens and keys", secret_files, (token("es1").encode(),)),
    Target("host-keys", "SSH host keys", host_keys, largest=4096),
    Target("node-report", "reports of nodes", node_report, largest=8192),
    Target("requests", "API", requests),
)
