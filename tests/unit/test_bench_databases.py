"""The databases of what is measured."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hosted_ce.settings import Settings
from tests.bench.databases import databases, of_ce
from tests.fakes.postgresql import needs_postgresql


def test_a_ce_has_its_own_in_its_state_folder_unless_it_is_said() -> None:
    with databases("sqlite") as new:
        assert of_ce(new()) == {}


@needs_postgresql
def test_each_has_a_new_one_on_one_server_that_waits_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with databases("postgresql") as new:
        first, second = new(), new()
        for name, value in of_ce(first).items():
            monkeypatch.setenv(name, value)
        engine = sa.create_engine(Settings().database, poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW fsync").scalar() == "on"
            assert connection.exec_driver_sql("SELECT count(*) FROM pilots").scalar() == 0
    assert Settings().database == first != second
    with pytest.raises(sa.exc.OperationalError):
        engine.connect()
