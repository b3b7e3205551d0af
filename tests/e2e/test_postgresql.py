"""A CE whose pilots are on a real PostgreSQL: killed, its database restarted, a second one beside it."""

from __future__ import annotations

import base64
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.ce import Ce, killed_in_the_middle, names_at_site, stamps_of
from tests.e2e.lab.site import Lab
from tests.fakes.postgresql import Server, needs_postgresql, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600), needs_postgresql]
SCRIPT = "#!/bin/sh\nsleep 1\necho pilot $1\n"
ENCODED = base64.b64encode(SCRIPT.encode()).decode()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this module's own, since it is stopped."""
    with running_server() as made:
        yield made


@pytest.fixture(scope="module")
def ce(lab: Lab, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ce]:
    """A CE that began with an empty database."""
    folder = tmp_path_factory.mktemp("ce")
    ce = Ce(lab, folder, environment={"HOSTED_CE_DATABASE_URL": server.new_database(template=None)})
    ce.start()
    yield ce
    ce.kill()


def test_killed_in_the_middle_it_loses_and_doubles_none(ce: Ce, lab: Lab) -> None:
    done = killed_in_the_middle(ce, SCRIPT, [str(number) for number in range(20)], seconds=90)
    assert Counter(pilot["state"] for pilot in done) == {"completed": 20}
    at_site = Counter(names_at_site(lab))
    assert [at_site[stamp] for stamp in stamps_of(done)] == [1] * 20
    assert not (ce.state / "hosted-ce.sqlite").exists()
    assert readiness(ce) == (200, True)


def test_its_database_restarts_in_a_burst_and_nothing_is_lost(ce: Ce, lab: Lab, server: Server) -> None:
    ids, refused = list[int](), list[str]()
    began = threading.Event()

    def send(first: int) -> None:
        """As a factory does: what was refused is sent again, without a key."""
        with httpx.Client(base_url=ce.client.base_url, headers=ce.client.headers, timeout=60) as client:
            for number in range(first, 30, 3):
                while (answer := client.post("/api/v1/pilots", json=body(number))).status_code == 503:
                    assert answer.headers["Retry-After"]
                    refused.append(answer.json()["type"])
                    threading.Event().wait(0.1)
                assert answer.status_code == 201, answer.text
                ids.append(answer.json()["id"])
                began.set()

    senders = [threading.Thread(target=send, args=(first,)) for first in range(3)]
    for sender in senders:
        sender.start()
    assert began.wait(60)
    server.stop()
    ce.wait_until(lambda: "/docs/errors#database-away" in refused, 60, "nobody was refused")
    assert (readiness(ce), ce.client.get("/healthz").status_code) == ((503, False), 200)
    server.start()
    for sender in senders:
        sender.join(60)
    assert len(set(ids)) == 30
    done = ce.wait(ids, seconds=90)
    assert [pilot["id"] for pilot in ce.pilots()][-30:] == sorted(ids)
    assert Counter(pilot["state"] for pilot in done) == {"completed": 30}
    at_site = Counter(names_at_site(lab))
    assert [at_site[stamp] for stamp in stamps_of(done)] == [1] * 30
    assert set(refused) == {"/docs/errors#database-away"}
    assert readiness(ce) == (200, True)


def readiness(ce: Ce) -> tuple[int, bool]:
    """The status of `/readyz`, and what it says of the database."""
    answer = ce.client.get("/readyz")
    [database] = [check for check in answer.json()["checks"] if check["name"] == "database"]
    assert database["detail"].startswith("schema ") is database["ok"], database
    return answer.status_code, database["ok"]


def body(number: int) -> dict[str, object]:
    inputs = [{"name": "pilot.sh", "executable": True, "content": ENCODED}]
    return {"executable": "pilot.sh", "arguments": [str(number)], "inputs": inputs}


def test_a_second_ce_on_its_database_is_refused(ce: Ce, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "hosted_ce.cli.main", "serve", "--port", "0"]
    argv += ["--site", str(ce.site_file), "--state", str(tmp_path / "other")]
    second = subprocess.run(argv, env=ce.environment, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert "another CE uses the database" in second.stderr
    assert ce.submit(SCRIPT, "1")["id"]
