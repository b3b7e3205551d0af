"""One of several Slurm clusters behind a login node, as a site file names it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hosted_ce.site import Cluster
from tests.fakes import sites


def cluster(**given: Any) -> Cluster:
    return sites.site(clusters={"main": sites.cluster(**given)}).clusters["main"]


def test_SL14_it_is_an_option_of_slurms_codec() -> None:
    assert cluster(batch_options={"cluster": "campus"}).codec_options == {"cluster": "campus"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"batch_options": {"cluster": "a,b"}}, "cluster"),
        ({"batch": "pbs", "batch_options": {"cluster": "campus"}}, "no option of pbs"),
        ({"batch_options": {"cluster": "campus"}, "shared_home": False}, "needs nodes that see the spool"),
        ({"environment": {"SLURM_CLUSTERS": "campus"}}, "use batch_options.cluster"),
        ({"environment": {"SBATCH_CLUSTERS": "campus"}}, "use batch_options.cluster"),
    ],
)
def test_SL14_what_it_cannot_be(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        cluster(**given)
