"""A mistyped setting is told, and not passed over in silence."""

from __future__ import annotations

import pytest

from hosted_ce.daemon.process.stray import stray
from hosted_ce.settings import Settings


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("HOSTED_CE_DATABASE", "HOSTED_CE_DATABASE is no setting; is HOSTED_CE_DATABASE_URL meant?"),
        ("HOSTED_CE_TLS_CERT", "HOSTED_CE_TLS_CERT is no setting; is HOSTED_CE_TLS_CERTIFICATE meant?"),
        (
            "hosted_ce_public_stauts",
            "hosted_ce_public_stauts is no setting; is HOSTED_CE_PUBLIC_STATUS meant?",
        ),
        ("HOSTED_CE_ELEPHANT", "HOSTED_CE_ELEPHANT is no setting"),
    ],
)
def test_what_is_said(name: str, said: str) -> None:
    assert stray([name, "PATH"]) == [said]


def test_settings_and_what_the_command_line_takes_are_none_of_them() -> None:
    settings = [f"HOSTED_CE_{field}" for field in Settings.model_fields]
    assert stray([*settings, *map(str.upper, settings), "HOSTED_CE_URL", "HOSTED_CE_TOKEN_FILE"]) == []
