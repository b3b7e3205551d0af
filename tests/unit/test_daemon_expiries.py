"""Until when certificates and tokens are valid, read from real ones."""

from __future__ import annotations

import base64
import datetime as dt
import subprocess
from pathlib import Path

import jwt
import pytest
import trustme

from hosted_ce.daemon.expiries import API, certificate_until, expiries, key_until, token_until
from hosted_ce.health.facts import Expiry
from hosted_ce.listening.errors import TlsUnusable
from hosted_ce.listening.tls import Tls
from hosted_ce.site import load_site
from tests.api.world import SITE_FILE

UNTIL = dt.datetime(2031, 5, 6, 7, 8, 9, tzinfo=dt.UTC)


def test_a_host_certificate(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("ce.example.edu", not_after=UNTIL)
    path = tmp_path / "host.pem"
    path.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    assert certificate_until(path) == UNTIL.timestamp()


@pytest.mark.parametrize(("validity", "has_end"), [("20310506070809Z", True), ("forever", False)])
def test_the_certificate_of_a_key(tmp_path: Path, validity: str, has_end: bool) -> None:
    for name in ("ca", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    interval = ["-V", f"20200101000000Z:{validity}"] if has_end else ["-V", "always:forever"]
    sign = ["ssh-keygen", "-q", "-s", tmp_path / "ca", "-I", "me", *interval, tmp_path / "key.pub"]
    subprocess.run(sign, check=True, env={"TZ": "UTC"})
    assert key_until(tmp_path / "key-cert.pub") == (UNTIL.timestamp() if has_end else None)
    assert key_until(tmp_path / "key.pub") is None, "a key has no end"


def test_the_certificate_of_a_kind_of_key_that_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "key-cert.pub"
    path.write_text("sk-ssh-ed25519-cert-v01@openssh.com AAAA x\n")
    assert key_until(path) is None


def test_tokens(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(jwt.encode({"exp": 1_900_000_000}, "k" * 32))
    assert token_until(path) == 1_900_000_000
    late, never = (jwt.encode({"exp": exp}, "k" * 32) for exp in (10**15, 10**400))
    deep = f"a.{base64.urlsafe_b64encode(b'[' * 100_000).decode()}.c"
    for text in ("a-secret", "a.b.c", jwt.encode({"sub": "x"}, "k" * 32), "a.W10.c", "ä", late, never, deep):
        path.write_text(text)
        assert token_until(path) is None, text


def test_what_is_not_there_has_no_end(tmp_path: Path) -> None:
    for read in (certificate_until, key_until, token_until):
        assert read(tmp_path / "none") is None
        assert read(tmp_path) is None


def test_the_apis_certificate_is_the_one_in_use_not_the_one_in_the_file(tmp_path: Path) -> None:
    first = trustme.CA().issue_cert("ce.example.edu", not_after=UNTIL)
    certificate, key = tmp_path / "cert", tmp_path / "key"
    certificate.write_bytes(first.cert_chain_pems[0].bytes())
    key.write_bytes(first.private_key_pem.bytes())
    key.chmod(0o600)
    tls = Tls(certificate, key)
    later = trustme.CA().issue_cert("ce.example.edu", not_after=UNTIL + dt.timedelta(days=90))
    certificate.write_bytes(later.cert_chain_pems[0].bytes())  # without its key: refused
    with pytest.raises(TlsUnusable):
        tls.reload()
    (tmp_path / "site.yaml").write_text(SITE_FILE)
    site = load_site(tmp_path / "site.yaml")
    assert expiries(site, tmp_path / "none", tls) == (Expiry(API, str(certificate), UNTIL.timestamp()),)
    key.write_bytes(later.private_key_pem.bytes())
    tls.reload()
    [renewed] = expiries(site, tmp_path / "none", tls)
    assert renewed.until == (UNTIL + dt.timedelta(days=90)).timestamp()
