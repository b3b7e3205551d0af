"""Alerts, their pages and the dashboard name what there is, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hosted_ce.metrics import Metrics

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULES = yaml.safe_load((PROMETHEUS / "hosted-ce.rules.yaml").read_text())["groups"][0]["rules"]
TESTS = yaml.safe_load((PROMETHEUS / "hosted-ce.test.yaml").read_text())["tests"]
DASHBOARD = json.loads((ROOT / "deploy/grafana/hosted-ce.json").read_text())
PAGE = (ROOT / "docs/operators/alerts.md").read_text()
METRIC = re.compile(r"\bhosted_ce_\w+")
SELECTOR = re.compile(r"(hosted_ce_\w+)\{([^}]*)\}")
SUFFIXES = {
    "counter": ["_total"],
    "gauge": [""],
    "histogram": ["_bucket", "_sum", "_count"],
    "gaugehistogram": ["_bucket", "_gsum", "_gcount"],
}
OF_PROMETHEUS = {"instance", "job", "le"}

LABELS = {
    family.name + suffix: set(labels) | OF_PROMETHEUS
    for family, labels in Metrics(dict).described()
    for suffix in SUFFIXES[family.type]
}
PANELS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("expression", [*(rule["expr"] for rule in RULES), *PANELS])
def test_every_metric_and_label_is_exposed(expression: str) -> None:
    named = METRIC.findall(expression)
    assert named or expression.startswith("up{")
    for name in named:
        assert name in LABELS
    for name, inside in SELECTOR.findall(expression):
        assert set(re.findall(r"(\w+)\s*[=!]~?", inside)) <= LABELS[name], expression
    grouped = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    known = set.union(OF_PROMETHEUS, *(LABELS[name] for name in named))
    assert {label.strip() for each in grouped for label in each.split(",")} <= known


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_has_its_page_its_severity_and_its_tests(rule: dict[str, Any]) -> None:
    name = rule["alert"]
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"]["runbook_url"] == f"docs/operators/alerts.md#{name.lower()}"
    section = PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert "**What it means.**" in section
    assert "**What to do.**" in section
    cases = [case for test in TESTS for case in test["alert_rule_test"] if case["alertname"] == name]
    assert {bool(case["exp_alerts"]) for case in cases} == {True, False}, "it fires, and it does not"


def test_pages_are_of_alerts() -> None:
    assert re.findall(r"^## (\w+)$", PAGE, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_labels_that_summaries_show_are_there() -> None:
    for rule in RULES:
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
            labels = set.union(*(LABELS[name] for name in METRIC.findall(rule["expr"])))
            assert label in labels, rule["alert"]


@pytest.mark.e2e
def test_promtool_agrees() -> None:
    promtool = shutil.which("promtool")
    assert promtool, "run tests/install-system-packages.sh"
    for command in (["check", "rules", "hosted-ce.rules.yaml"], ["test", "rules", "hosted-ce.test.yaml"]):
        ran = subprocess.run(
            [promtool, *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
