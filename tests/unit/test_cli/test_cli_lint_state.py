"""`hosted-ce site lint` says of the state folder what the CE says at its start."""

from __future__ import annotations

from pathlib import Path

from tests.unit.test_cli.conftest import Run

SITE = Path(__file__).parents[3] / "routes" / "example.yaml"


def test_lint_looks_at_the_state_folder_too(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    lint = ("site", "lint", str(SITE), "--state-dir", str(state))
    assert run(*lint).exit_code == 0, "there is none yet"
    state.mkdir(mode=0o700)
    assert run(*lint).exit_code == 0
    state.chmod(0o755)
    found = run(*lint)
    assert found.exit_code == 1
    said = (
        f"{state}: error: {state} has mode 0755, so that others get to what is in it; run: chmod 700 {state}"
    )
    assert said in found.stdout
