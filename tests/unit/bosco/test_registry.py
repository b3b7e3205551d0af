"""Every batch system that is registered is one that the site file, the tests and the protocol know."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bosco.batch import registry
from bosco.batch.registry import SYSTEMS, batch_system, is_replaced
from hosted_ce.site.batch import BATCH_SYSTEMS

CONFORMANCE = Path(__file__).parents[2] / "conformance"


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_codec_has_the_name_that_it_is_registered_by(name: str) -> None:
    assert batch_system(name).name == name


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_batch_system_is_held_to_the_conformance_suite(name: str) -> None:
    assert "Conformance" in (CONFORMANCE / f"test_{name}.py").read_text()


def test_the_site_file_takes_the_batch_systems_that_have_a_codec_and_no_others() -> None:
    assert set(BATCH_SYSTEMS) == set(SYSTEMS)


def test_every_option_of_the_site_file_is_one_of_the_codec() -> None:
    for name, rules in BATCH_SYSTEMS.items():
        assert batch_system(name, {key: rules.choices.get(key, ("word",))[0] for key in rules.options})


class Replaced:
    """Files that are others than at the start."""

    def is_replaced(self) -> bool:
        return True


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_codec_that_is_not_in_memory_is_not_read_from_files_that_were_replaced(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_system(name)
    monkeypatch.setattr(registry, "_INSTALLED", Replaced())
    assert not is_replaced(name)
    monkeypatch.delitem(sys.modules, f"bosco.batch.{name}.codec")
    assert is_replaced(name)
    monkeypatch.undo()
    monkeypatch.delitem(sys.modules, f"bosco.batch.{name}.codec")
    assert not is_replaced(name)


def test_what_is_not_registered_is_refused() -> None:
    with pytest.raises(KeyError):
        batch_system("abacus")
    with pytest.raises(TypeError):
        batch_system("slurm", {"no_such_option": "x"})
