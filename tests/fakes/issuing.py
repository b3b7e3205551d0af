"""An issuer's keys and tokens, made without a server."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://issuer.example.org/osg"
NOW = 1_770_000_000.0
AUDIENCE = "ce.example.org:9619"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(kid: str | None, **more: Any) -> dict[str, Any]:
    """As JWK: names that begin with `es` are of an elliptic curve."""
    if (kid or "").startswith("es"):
        found = ECAlgorithm.to_jwk(ec_key(kid or "").public_key(), as_dict=True)
    else:
        found = RSAAlgorithm.to_jwk(rsa_key(kid or "").public_key(), as_dict=True)
    return {**found, **({"kid": kid} if kid is not None else {}), "alg": algorithm(kid), **more}


def algorithm(kid: str | None) -> str:
    return "ES256" if (kid or "").startswith("es") else "RS256"


def key_set(*kids: str | None) -> bytes:
    return json.dumps({"keys": [public(kid) for kid in kids]}).encode()


def token(kid: str | None = "rs1", *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """A good one, but for these claims; one that is None is left out."""
    usual = {
        "iss": ISSUER, "sub": "vofrontend", "aud": AUDIENCE, "scope": "compute.read compute.create",
        "wlcg.ver": "1.0", "iat": NOW, "nbf": NOW, "exp": NOW + 3600, "jti": "id-1",
    }  # fmt: skip
    payload = {name: claim for name, claim in {**usual, **claims}.items() if claim is not None}
    key = ec_key(kid or "") if algorithm(kid) == "ES256" else rsa_key(kid or "")
    named = {"kid": kid} if kid is not None else {}
    return jwt.PyJWS().encode(
        json.dumps(payload).encode(), key, algorithm(kid), headers={**named, **(headers or {})}
    )
