"""The databases of CEs that are measured."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hosted_ce.settings import Settings
from tests.bench.versus.databases import databases
from tests.fakes.postgresql import needs_postgresql


def test_each_ce_has_its_own_in_its_state_folder_unless_it_is_said() -> None:
    with databases("sqlite") as environments:
        assert environments() == {}


@needs_postgresql
def test_each_ce_has_a_new_one_on_one_server_that_waits_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with databases("postgresql") as environments:
        [(name, first)], [(_, second)] = environments().items(), environments().items()
        monkeypatch.setenv(name, first)
        engine = sa.create_engine(Settings().database, poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW fsync").scalar() == "on"
            assert connection.exec_driver_sql("SELECT count(*) FROM pilots").scalar() == 0
    assert first != second
    with pytest.raises(sa.exc.OperationalError):
        engine.connect()
