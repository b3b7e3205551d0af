"""Whose pilots come, and by which door: for OSG, or for whoever runs the CE."""

from __future__ import annotations

from hosted_ce.site_init.question import Answers, Question, fixed, known
from hosted_ce.site_init.questions.names import has_batch_system


def has_door(answers: Answers) -> bool:
    """Whether the CE's public name is known, so that its front door can be written down."""
    return has_batch_system(answers) and known(answers, "door_host") is not None


DOOR = (
    Question(
        "issuer",
        "Issuer of the tokens that pilots come with",
        "The front door takes pilots with tokens of this issuer, and of no other. It is compared letter by "
        "letter with the tokens' iss.",
        "https://scitokens.org/osg-connect",
        "issuer",
        owner="OSG",
        default=fixed("https://scitokens.org/osg-connect"),
        unknown="the issuer of pilots' tokens",
        asked_if=has_batch_system,
        place=("issuers", "issuer"),
    ),
    Question(
        "door_host",
        "Public name of this CE",
        "The DNS name under which factories find this CE; it needs A and PTR records, and a certificate. "
        "Answer unknown to settle it later: test pilots and checks work without a front door.",
        "example-ce1.svc.osg-htc.org",
        "public_host",
        owner="OSG",
        unknown="the CE's public name, for its front door",
        asked_if=has_batch_system,
        place=("front_door", "host"),
    ),
    Question(
        "certificate",
        "File of the host certificate",
        "On the CE's machine, in PEM format, with the chain of its issuers behind it. It may come later "
        "than this file: the CE tells while it is missing.",
        "/etc/hosted-ce/hostcert.pem",
        "path",
        owner="OSG",
        default=fixed("/etc/hosted-ce/hostcert.pem"),
        asked_if=has_door,
        place=("front_door", "certificate"),
    ),
    Question(
        "certificate_key",
        "File of the certificate's private key",
        "On the CE's machine, with mode 0600, for the service's account alone.",
        "/etc/hosted-ce/hostkey.pem",
        "path",
        owner="OSG",
        default=fixed("/etc/hosted-ce/hostkey.pem"),
        asked_if=has_door,
        place=("front_door", "certificate_key"),
    ),
)
