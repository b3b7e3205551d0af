"""An issuer of SciTokens: it signs what a test asks for, and publishes its keys by https on loopback."""

from __future__ import annotations

import json
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt import PyJWT
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.e2e.condor.lab import CondorLab
from tests.e2e.lab.daemons import Daemon, is_listening

SCOPE = "compute.read compute.modify compute.create compute.cancel"
"""What GlideinWMS asks for; HTCondor gives WRITE for the last three together only."""

_PROJECT = Path(__file__).parents[3]
_PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Issuer:
    """An issuer whose keys can be fetched from `url` for as long as its lab runs."""

    url: str
    keys: dict[str, _PrivateKey]
    """By algorithm (RS256, ES256), which is also the key's id."""
    server: Daemon

    def token(
        self,
        audience: str,
        subject: str = "vofrontend-lab",
        *,
        scope: str = SCOPE,
        lifetime_s: float = 3600,
        algorithm: str = "RS256",
        **claims: Any,
    ) -> str:
        """A token of the WLCG profile as GlideinWMS makes them; `claims` come on top and win (`iss`, `ver`).

        `audience` is `host:port` of the CE's collector. A claim that is None is left out.
        """
        now = int(time.time())
        asked = {"iss": self.url, "sub": subject, "aud": audience, "scope": scope, "wlcg.ver": "1.0"}
        times = {"iat": now, "nbf": now, "exp": now + int(lifetime_s), "jti": str(uuid.uuid4())}
        payload = {name: claim for name, claim in {**asked, **times, **claims}.items() if claim is not None}
        return PyJWT().encode(payload, self.keys[algorithm], algorithm, headers={"kid": algorithm})


def start_issuer(lab: CondorLab, name: str = "issuer") -> Issuer:
    """An issuer that serves; another name is another issuer."""
    folder, port = lab.folder / name, next(lab.ports)
    url = f"https://localhost:{port}"
    keys: dict[str, _PrivateKey] = {
        "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
    }
    public = folder / "public"
    _publish(public, url, keys)
    host = lab.authority.host_certificate(folder, "localhost")
    program = [sys.executable, "-m", "tests.e2e.condor.https_folder"]
    argv = [*program, str(public), str(port), str(host.certificate), str(host.key)]
    settings = {"PYTHONPATH": str(_PROJECT)}
    server = Daemon(lab.supervisor, argv, folder / "log", lambda: is_listening(port), settings)
    server.start()
    return Issuer(url, keys, server)


def _publish(folder: Path, url: str, keys: dict[str, _PrivateKey]) -> None:
    (folder / ".well-known").mkdir(parents=True)
    known = {"issuer": url, "jwks_uri": f"{url}/jwks"}
    (folder / ".well-known" / "openid-configuration").write_text(json.dumps(known))
    (folder / "jwks").write_text(json.dumps({"keys": [_jwk(*item) for item in keys.items()]}))


def _jwk(algorithm: str, key: _PrivateKey) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**public, "kid": algorithm, "alg": algorithm, "use": "sig"}
