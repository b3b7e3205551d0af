"""URLs of databases, and what of them is shown."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hosted_ce.store.urls import parsed, shown_url, with_driver


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
