"""URLs of databases, and what of them is shown."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hosted_ce.store.database import Database
from hosted_ce.store.schema import is_current
from hosted_ce.store.urls import lasting, parsed, shown_url, with_driver


@pytest.mark.parametrize(
    "url", ["postgresql://ce:start@middle:end@h/db", "postgresql://ce:start@h:middle/db", "middle"]
)
def test_what_cannot_be_read_is_refused_and_shows_nothing_of_a_password(url: str) -> None:
    for read in (parsed, with_driver):
        with pytest.raises(sa.exc.ArgumentError) as told:
            read(url)
        assert not [part for part in ("start", "middle", "end") if part in str(told.value)]
        assert told.value.__cause__ is None
    assert shown_url(url) == "[not the URL of a database]"


def test_a_password_with_signs_of_a_url_is_written_by_their_codes() -> None:
    assert parsed("postgresql://ce:p%40ss%3Aword@h/db").password == "p@ss:word"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://ce@h/db"])
def test_a_ce_cannot_live_where_nothing_lasts_or_on_what_it_does_not_know(url: str) -> None:
    for made in (lasting, Database, is_current):
        with pytest.raises(sa.exc.ArgumentError, match=r"name one, as in|sqlite or postgresql"):
            made(url)
