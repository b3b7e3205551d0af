"""Whether a token is good here."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.scitokens.errors import CannotFetch, TokenRefused
from hosted_ce.scitokens.keys import key_set_address, keys_in
from hosted_ce.scitokens.rules import ANY_SCITOKENS, ANY_WLCG, GoodToken, Rules, audiences_of
from hosted_ce.scitokens.scopes import Scope, allowed
from hosted_ce.scitokens.verify import claimed, verified
from tests.fakes.issuing import AUDIENCE, ISSUER, NOW, key_set, public, rsa_key, token

KEYS = keys_in(key_set("rs1", "es1"))
RULES = Rules(frozenset({AUDIENCE, "https://ce.example.org"}))


def look(given: str, rules: Rules = RULES, now: float = NOW + 10) -> GoodToken:
    return verified(claimed(given), KEYS, rules, now)


@pytest.mark.parametrize("kid", ["rs1", "es1"])
def test_a_good_token(kid: str) -> None:
    found = look(token(kid))
    assert found == GoodToken(ISSUER, "vofrontend", frozenset({Scope.READ, Scope.CREATE}), NOW + 3600, "id-1")


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": NOW - 61}, "has expired"),
        ({"exp": None}, "has no end"),
        ({"exp": "soon"}, "exp is no time"),
        ({"exp": True}, "exp is no time"),
        ({"exp": 10**30}, "exp is no time"),
        ({"exp": -5}, "exp is no time"),
        ({"exp": NOW + 90000}, "lasts longer than the 86400 s"),
        ({"nbf": NOW + 200}, "not valid yet"),
        ({"iat": NOW + 200}, "not valid yet"),
        ({"iat": None, "nbf": None, "exp": NOW + 90000}, "lasts longer"),
        ({"iat": NOW - 80000, "exp": NOW + 80000}, "lasts longer"),
        ({"aud": None}, "has no audience"),
        ({"aud": []}, "has no audience"),
        ({"aud": [7]}, "has no audience"),
        ({"aud": "other"}, "another audience"),
        ({"aud": [AUDIENCE.upper()]}, "another audience"),
        ({"aud": ANY_SCITOKENS}, "another audience"),
        ({"aud": ANY_WLCG, "wlcg.ver": None}, "another audience"),
        ({"sub": None}, "no subject"),
        ({"sub": 7}, "no subject"),
        ({"sub": ""}, "no subject"),
        ({"sub": "a,b"}, "no subject"),
        ({"sub": "a\nb"}, "no subject"),
        ({"sub": "a" * 257}, "no subject"),
        ({"scope": ["compute.read"]}, "scope is no text"),
    ],
)
def test_what_is_wrong_with_a_token_is_told(claims: dict[str, Any], said: str) -> None:
    with pytest.raises(TokenRefused, match=said):
        look(token(**claims))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 30},
        {"nbf": NOW + 50},
        {"iat": None},
        {"nbf": None},
        {"aud": ["x", AUDIENCE]},
        {"aud": ANY_WLCG},
        {"aud": ANY_SCITOKENS, "wlcg.ver": None, "ver": "scitoken:2.0"},
        {"scope": None},
        {"jti": None},
    ],
)
def test_what_is_taken_all_the_same(claims: dict[str, Any]) -> None:
    assert look(token(**claims)).issuer == ISSUER


def test_tokens_for_everybody_can_be_refused() -> None:
    with pytest.raises(TokenRefused, match="another audience"):
        look(token(aud=ANY_WLCG), Rules(RULES.audiences, any_audience=False))


def test_other_signatures_are_refused() -> None:
    good = token()
    head, body, signature = good.split(".")
    other = base64.urlsafe_b64encode(json.dumps({"iss": ISSUER, "sub": "root"}).encode()).decode().rstrip("=")
    plain = jwt.PyJWT().encode({"iss": ISSUER}, None, "none")
    shared = jwt.PyJWT().encode({"iss": ISSUER}, "x" * 64, "HS256", headers={"kid": "rs1"})
    forged = token("rs2", headers={"kid": "rs1"})
    cases = [
        f"{head}.{other}.{signature}",
        f"{head}.{body}.",
        plain,
        shared,
        forged,
        token("rs2"),
        token(None),
    ]
    for wrong in [*cases, token("es1", headers={"kid": "rs1"}), token(headers={"crit": ["x"]})]:
        with pytest.raises(TokenRefused):
            look(wrong)


def test_a_token_without_a_key_id_is_taken_when_there_is_one_key() -> None:
    only = keys_in(json.dumps({"keys": [public(None)]}).encode())
    assert verified(claimed(token(None)), only, RULES, NOW).subject == "vofrontend"


@given(
    st.one_of(
        st.text(),
        st.from_regex(r"[\w-]{0,30}\.[\w-]{0,60}\.[\w-]{0,30}"),
        st.binary().map(lambda b: b.decode("latin-1")),
    )
)
def test_no_text_is_more_than_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        look(text)


@given(
    st.dictionaries(
        st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "scope", "ver"]),
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
            ),
            max_leaves=5,
        ),
    )
)
def test_no_claims_are_more_than_refused(claims: dict[str, Any]) -> None:
    try:
        found = look(token(**claims))
    except TokenRefused:
        return
    assert found.issuer == claims.get("iss", ISSUER)


@given(
    st.binary(max_size=200)
    | st.builds(
        lambda v: json.dumps(v).encode(),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=8) | st.sampled_from(["RSA", "EC", "sig"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["keys", "kid", "kty", "n", "e", "crv", "x", "y", "use", "alg"]),
                    inner,
                    max_size=5,
                )
            ),
        ),
    )
)
def test_any_key_set_is_read_or_refused(document: bytes) -> None:
    for read in (keys_in, lambda text: key_set_address(text, ISSUER)):
        with contextlib.suppress(CannotFetch):
            read(document)


def test_a_damaged_key_does_not_spoil_the_others() -> None:
    entries = [
        {"kty": "RSA", "kid": "bad", "n": "!", "e": "AQAB"},
        {"kty": "oct", "k": "AAAA", "kid": "s"},
        7,
    ]
    encryption = public("rs2", use="enc")
    found = keys_in(json.dumps({"keys": [*entries, encryption, public("rs1")]}).encode())
    assert set(found) == {"rs1"}
    with pytest.raises(CannotFetch, match="no key that we can use"):
        keys_in(json.dumps({"keys": entries}).encode())


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"issuer": ISSUER, "jwks_uri": "http://x"}, "not https"),
        ({"issuer": "https://evil", "jwks_uri": "https://x"}, "another issuer"),
        ({"issuer": [ISSUER], "jwks_uri": "https://x"}, "another issuer"),
        ({"issuer": ISSUER}, "no issuer and jwks_uri"),
        ([], "no issuer and jwks_uri"),
    ],
)
def test_metadata_must_be_the_issuers_own(metadata: Any, said: str) -> None:
    with pytest.raises(CannotFetch, match=said):
        key_set_address(json.dumps(metadata).encode(), ISSUER)
    good = json.dumps({"issuer": f"{ISSUER}/", "jwks_uri": "https://k"}).encode()
    assert key_set_address(good, ISSUER) == "https://k"


def test_scopes() -> None:
    assert allowed(["compute.cancel", "storage.read:/", "compute.everything"]) == {Scope.CANCEL}
    assert allowed(["condor:/WRITE"]) == set(Scope)
    assert allowed(["condor:/READ"]) == {Scope.READ}
    assert allowed(["compute.read:/x"]) == set(), "compute scopes have no path"


def test_audiences() -> None:
    assert audiences_of("ce.example.org", 9619, "https://ce.example.org:8443/") == {
        "https://ce.example.org:8443",
        "https://ce.example.org",
        "condor://ce.example.org",
        "ce.example.org:9619",
    }


def test_the_private_key_is_never_shown() -> None:
    assert rsa_key("rs1") is rsa_key("rs1")
    assert "PRIVATE" not in repr(look(token()))
