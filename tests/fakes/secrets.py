"""Secrets of every form that a CE meets, none of which anybody uses."""

from __future__ import annotations

import base64

JWT = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InBsYW50ZWQifQ.eyJzdWIiOiJwbGFudGVkIiwiYXVkIjoiY2UifQ."
    "cGxhbnRlZC1zaWduYXR1cmUtb2YtdGhlLXRlc3Rz"
)
_BODY = "MIIEplantedPlantedPlanted0KeyBodyOfTheTests\nAAAAplantedSecondLine1234567890=="
PRIVATE_KEY = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{_BODY}\n-----END OPENSSH PRIVATE KEY-----"
PROXY = (
    "-----BEGIN CERTIFICATE-----\nMIIDplantedCertificateOfTheProxy0\n-----END CERTIFICATE-----\n"
    f"-----BEGIN RSA PRIVATE KEY-----\n{_BODY}\n-----END RSA PRIVATE KEY-----"
)
PASSPHRASE = "planted-correct-horse-77"
PASSWORD = "planted-Pa55word"
AUTHORIZATION = "Authorization: Bearer plantedOpaque0Token1Of2The3Tests"

TEXTS = {
    "jwt": JWT,
    "private key": PRIVATE_KEY,
    "private key in one line": PRIVATE_KEY.replace("\n", "\\n"),
    "cut-off private key": PRIVATE_KEY[:80],
    "base64 key": base64.b64encode(PRIVATE_KEY.encode()).decode(),
    "proxy": PROXY,
    "authorization": AUTHORIZATION,
    "basic": "Authorization: Basic cGxhbnRlZDpwbGFudGVk",
    "header in json": '{"authorization": "Bearer plantedOpaque0Token1Of2The3Tests"}',
    "bearer alone": "curl -H Bearer plantedOpaque0Token1Of2The3Tests",
    "passphrase": f"SSH_PASSPHRASE={PASSPHRASE}",
    "password in yaml": f"  password: {PASSWORD}",
    "password in json": f'{{"db_password": "{PASSWORD}"}}',
    "password of a url": f"postgresql+psycopg://ce:{PASSWORD}@db.example.edu/ce",
    "option": f"--token {PASSWORD}",
    "key of a cloud": f"AWS_SECRET_ACCESS_KEY={PASSWORD}",
    "key of a framework": f"SECRET_KEY={PASSWORD}",
    "short name": f"DB_PASS={PASSWORD}",
    "token of ours": "denied: hce_plantedPlanted0Token1Of2The3Tests456",
    "link of ours": "open https://ce.example.edu/enter?to=/site#hce_plantedPlanted0Token1Of2The3Tests456",
    "token of github": "ghp_plantedPlanted0Token1Of2The3Tests456",
    "quoted with blanks": f'password="my, own {PASSWORD}"',
    "quoted in yaml": f'password: "my, own {PASSWORD}"',
    "quoted in json": f'{{"said": "token=\\"my, own {PASSWORD}\\""}}',
    "list in json": f'{{"secret": ["{PASSWORD}", "{PASSPHRASE}"]}}',
    "group in json": f'{{"secret": {{"a": "my, own {PASSWORD}"}}}}',
    "query": f"/x?access_token={PASSWORD}&y=1",
}
"""Each with a part that must never be shown, which has "lanted" in it."""


def shown(text: str) -> bool:
    """Whether something of a planted secret is in the text."""
    clear = text.replace(base64.b64encode(b"nothing").decode(), "")
    marks = ("lanted", "cGxhbnRl", "AAAAplanted", "bGFudGVk", "UGxhbnRl", "cGxhbnRlZ")
    return any(mark in clear for mark in marks)
