"""`hosted-ce serve` and `demo`: which settings they run with, and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosted_ce.daemon import CannotStart
from hosted_ce.settings import Settings

from .conftest import Run


class Service:
    """Stands for the service: keeps the settings that it was run with, and ends as it is told."""

    def __init__(self) -> None:
        self.settings: Settings | None = None
        self.once: bool | None = None
        self.ends_with = 0
        self.fails_with: Exception | None = None

    async def serve(self, settings: Settings) -> int:
        self.settings = settings
        if self.fails_with:
            raise self.fails_with
        return self.ends_with

    async def run_demo(self, settings: Settings, *, once: bool) -> int:
        self.once = once
        return await self.serve(settings)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """Takes the place of the daemon and of the demo."""
    standing = Service()
    monkeypatch.setattr("hosted_ce.daemon.serve", standing.serve)
    monkeypatch.setattr("hosted_ce.demo.run.run_demo", standing.run_demo)
    return standing


def test_options_go_over_the_environment(run: Run, service: Service) -> None:
    env = {"HOSTED_CE_PORT": "9999", "HOSTED_CE_LOG_LEVEL": "debug", "HOSTED_CE_MAX_OUTPUT": "4096"}
    there = ["--state", "there", "--host", "::1", "--port", "0", "--log-format", "json"]
    assert run("serve", "--site", "s.yaml", *there, env=env).exit_code == 0
    assert service.settings == Settings(
        site=Path("s.yaml"), state=Path("there"), host="::1", port=0, log_format="json",
        log_level="debug", max_output=4096,
    )  # fmt: skip


def test_the_environment_alone_will_do(run: Run, service: Service) -> None:
    assert run("serve", env={"HOSTED_CE_SITE": "s.yaml"}).exit_code == 0
    assert service.settings == Settings(site=Path("s.yaml"))


def test_the_exit_code_is_the_service_s(run: Run, service: Service) -> None:
    service.ends_with = 7
    assert run("serve", "--site", "s.yaml").exit_code == 7
    assert run("demo").exit_code == 7


@pytest.mark.parametrize(("options", "once"), [([], False), (["--once"], True)])
def test_the_demo_is_told_when_to_end(run: Run, service: Service, options: list[str], once: bool) -> None:
    assert run("demo", "--state", "there", "--port", 0, *options).exit_code == 0
    assert (service.settings, service.once) == (Settings(state=Path("there"), port=0), once)


def test_without_a_site_file_nothing_is_served(run: Run, service: Service) -> None:
    result = run("serve")
    assert result.exit_code == 2
    assert "--site routes/my-site.yaml" in result.stderr
    assert service.settings is None


def test_all_problems_of_a_site_file_are_told(run: Run, folder: Path) -> None:
    (folder / "site.yaml").write_text("site: Example-University\nrouts: []\n")
    result = run("serve", "--site", "site.yaml", env={"HOSTED_CE_ROOT": "true"})
    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert len(lines) > 2
    assert all(line.startswith("site.yaml:") and ": error: " in line for line in lines)
    assert any(line.startswith("site.yaml:2:1: error: routs: ") for line in lines)


@pytest.mark.parametrize("command", [["serve", "--site", "s.yaml"], ["demo"]])
def test_why_it_cannot_start_is_told(run: Run, service: Service, command: list[str]) -> None:
    service.fails_with = CannotStart("another CE uses the state folder; stop it")
    result = run(*command)
    assert (result.exit_code, result.stderr) == (1, "error: another CE uses the state folder; stop it\n")


def test_all_wrong_settings_of_the_environment_are_told(run: Run, service: Service) -> None:
    env = {"HOSTED_CE_MAX_OUTPUT": "lots", "HOSTED_CE_KEEP_FOLDERS": "-1"}
    result = run("serve", "--site", "s.yaml", env=env)
    assert result.exit_code == 2
    for name in env:
        assert sum(name in line and line.startswith("error: ") for line in result.stderr.splitlines()) == 1
    assert service.settings is None


@pytest.mark.parametrize("options", [["--port", "70000"], ["--log-level", "loud"], ["--state", "s.yaml"]])
def test_wrong_options_are_wrong_usage(run: Run, service: Service, folder: Path, options: list[str]) -> None:
    (folder / "s.yaml").touch()
    assert run("serve", "--site", "s.yaml", *options).exit_code == 2
    assert service.settings is None
