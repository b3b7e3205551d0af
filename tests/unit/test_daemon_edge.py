"""The API's certificate follows its files."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from fastapi import FastAPI

from hosted_ce.daemon.edge import Edge
from hosted_ce.daemon.errors import SetUpWrong
from hosted_ce.listening.company import Crowding
from hosted_ce.listening.hello import Outcome
from hosted_ce.metric_groups.edge import CROWDING, HANDSHAKES
from hosted_ce.metrics import Metrics
from hosted_ce.settings import Settings


def put_pair(folder: Path, name: str = "ce.example.edu") -> None:
    issued = trustme.CA().issue_cert(name)
    (folder / "cert").write_bytes(issued.cert_chain_pems[0].bytes())
    (folder / "key").write_bytes(issued.private_key_pem.bytes())
    (folder / "key").chmod(0o600)


def settings(folder: Path) -> Settings:
    return Settings(state=folder / "state", tls_certificate=folder / "cert", tls_key=folder / "key")


def refused(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("hosted_ce_api_certificate_refused")


async def test_files_that_two_looks_show_alike_are_taken(tmp_path: Path) -> None:
    put_pair(tmp_path)
    metrics = Metrics(dict)
    edge = Edge(settings(tmp_path), metrics.edge)
    assert edge.tls
    edge.server(FastAPI())
    published = settings(tmp_path).certificate_file
    before = edge.tls.leaf.serial_number
    assert published.read_bytes() == edge.tls.leaf_pem
    put_pair(tmp_path)
    await edge.tick()
    assert edge.tls.leaf.serial_number == before, "it may be written just now"
    await edge.tick()
    assert edge.tls.leaf.serial_number != before
    assert published.read_bytes() == edge.tls.leaf_pem
    assert refused(metrics) == 0
    good = edge.tls.leaf.serial_number
    (tmp_path / "cert").write_text("half")
    for _ in range(3):
        await edge.tick()
    assert (edge.tls.leaf.serial_number, refused(metrics)) == (good, 1)
    put_pair(tmp_path)
    for _ in range(2):
        await edge.tick()
    assert (edge.tls.leaf.serial_number != good, refused(metrics)) == (True, 0)
    edge.close()
    assert not published.exists()


def test_one_file_without_the_other(tmp_path: Path) -> None:
    with pytest.raises(SetUpWrong, match="go together"):
        Edge(Settings(tls_key=tmp_path / "key"), Metrics(dict).edge)


def test_each_end_of_a_handshake_has_a_count_that_begins_with_0() -> None:
    assert set(HANDSHAKES) == {each.value for each in Outcome}
    metrics = Metrics(dict)
    metrics.edge.handshake(Outcome.LATE)
    name = "hosted_ce_api_handshakes_total"
    found = {how: metrics.registry.get_sample_value(name, {"outcome": how}) for how in HANDSHAKES}
    assert found == {"done": 0, "late": 1, "failed": 0, "full": 0, "ousted": 0}


def test_each_connection_that_had_no_place_has_a_count_that_begins_with_0() -> None:
    assert set(CROWDING) == {each.value for each in Crowding}
    metrics = Metrics(dict)
    metrics.edge.crowded(Crowding.OUSTED)
    name = "hosted_ce_api_connections_crowded_out_total"
    found = {why: metrics.registry.get_sample_value(name, {"reason": why}) for why in CROWDING}
    assert found == {"full": 0, "ousted": 1}
