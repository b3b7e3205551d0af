"""Whether a token is what it says, and for us. Pure: keys and time are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.exceptions import PyJWTError
from jwt.types import Options

from hosted_ce.scitokens.errors import TokenRefused
from hosted_ce.scitokens.keys import Keys
from hosted_ce.scitokens.rules import ALGORITHMS, ANY_SCITOKENS, ANY_WLCG, LARGEST_TOKEN, GoodToken, Rules
from hosted_ce.scitokens.scopes import allowed

LONGEST_SUBJECT = 256
_UNCHECKED: Options = {"verify_signature": False}
_SIGNATURE_ONLY: Options = {
    "verify_aud": False, "verify_iss": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False,
    "verify_sub": False, "verify_jti": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a token says of itself, before anything is checked: ask only issuers on a list for keys."""

    token: str
    issuer: str
    algorithm: str
    key_id: str | None


def claimed(token: str) -> Claimed:
    """Reads a token. Raises TokenRefused for what is none."""
    if len(token) > LARGEST_TOKEN:
        raise TokenRefused("the token is too long")
    try:
        header = jwt.get_unverified_header(token)
        issuer = jwt.decode(token, options=_UNCHECKED).get("iss")
    except (PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused("this is no token that we can read") from error
    if header.get("alg") not in ALGORITHMS or "crit" in header:
        raise TokenRefused(f"the token is not signed by {' or '.join(ALGORITHMS)}")
    key_id = header.get("kid")
    if not isinstance(issuer, str) or not (key_id is None or isinstance(key_id, str)):
        raise TokenRefused("the token names no issuer")
    return Claimed(token, issuer, header["alg"], key_id)


def verified(said: Claimed, keys: Keys, rules: Rules, now: float) -> GoodToken:
    """The token, if one of the issuer's keys signed it, and it is for us and for now. Raises TokenRefused."""
    key = keys.get(said.key_id)
    if key is None and said.key_id is None and len(keys) == 1:
        key = next(iter(keys.values()))
    if key is None or key.algorithm_name != said.algorithm:
        raise TokenRefused("the token is signed by no key of its issuer")
    try:
        claims = jwt.decode(said.token, key, algorithms=[said.algorithm], options=_SIGNATURE_ONLY)
    except (PyJWTError, ValueError, TypeError) as error:
        raise TokenRefused("the token's signature is not its issuer's") from error
    _check_audience(claims, rules)
    expires_at = _check_times(claims, rules, now)
    scope, token_id = claims.get("scope", ""), claims.get("jti")
    if not isinstance(scope, str):
        raise TokenRefused("the token's scope is no text")
    return GoodToken(
        said.issuer, _subject(claims), allowed(scope.split()), expires_at,
        token_id if isinstance(token_id, str) else None,
    )  # fmt: skip


def _check_audience(claims: Mapping[str, Any], rules: Rules) -> None:
    given = claims.get("aud")
    audiences = {each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)}
    ours = set(rules.audiences)
    if rules.any_audience and "wlcg.ver" in claims:
        ours.add(ANY_WLCG)
    elif rules.any_audience and str(claims.get("ver", "")).startswith("scitoken:2"):
        ours.add(ANY_SCITOKENS)
    if not audiences:
        raise TokenRefused("the token has no audience")
    if not audiences & ours:
        raise TokenRefused("the token is for another audience")


def _check_times(claims: Mapping[str, Any], rules: Rules, now: float) -> float:
    """When it ends."""
    expires_at, begins_at = _time(claims, "exp"), _time(claims, "nbf")
    issued_at = _time(claims, "iat")
    if expires_at is None:
        raise TokenRefused("the token has no end")
    if now >= expires_at + rules.leeway_s:
        raise TokenRefused("the token has expired")
    if max(begins_at or 0.0, issued_at or 0.0) > now + rules.leeway_s:
        raise TokenRefused("the token is not valid yet")
    since = min(at for at in (issued_at, begins_at, now) if at is not None)
    if expires_at - since > rules.longest_s + rules.leeway_s:
        raise TokenRefused(f"the token lasts longer than the {rules.longest_s:g} s that are taken here")
    return expires_at


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        raise TokenRefused(f"the token's {name} is no time")
    return float(value)


def _subject(claims: Mapping[str, Any]) -> str:
    """With a comma, one could pose as another where issuer and subject are written together."""
    subject = claims.get("sub")
    plain = isinstance(subject, str) and subject.isprintable() and "," not in subject
    if not plain or not 0 < len(subject or "") <= LONGEST_SUBJECT:
        raise TokenRefused("the token has no subject that we take")
    return str(subject)
