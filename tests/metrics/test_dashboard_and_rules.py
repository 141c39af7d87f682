"""hw/grafana and hw/alerts ask for metrics that there are, in words that Prometheus and Grafana understand."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from gsmsend.metrics.catalogue import METRICS, VALUES, Kind
from tests.metrics.prometheus_tools import accepted, promtool

ROOT = Path(__file__).parents[2]
RULES = ROOT / "hw" / "alerts" / "gsmsend.rules.yml"
BOARD = json.loads((ROOT / "hw" / "grafana" / "gsmsend.json").read_text(encoding="utf-8"))
_SUFFIXES = {Kind.COUNTER: ("_total",), Kind.GAUGE: ("",), Kind.HISTOGRAM: ("_bucket", "_sum", "_count")}
SERIES = {f"{one.name}{end}": one for one in METRICS for end in _SUFFIXES[one.kind]}
OF_PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes"}
_OURS = re.compile(r"\b((?:gsmsend|process)_\w+)")
_ASKED = re.compile(r"\b(gsmsend_\w+)\{([^}]*)\}")
_LABEL = re.compile(r'(\w+)\s*(=~|!=|=|!~)\s*"([^"]*)"')


def panels() -> Iterator[dict[str, Any]]:
    for panel in BOARD["panels"]:
        yield panel
        yield from panel.get("panels", ())


TARGETS = [(panel["title"], one["refId"], one["expr"]) for panel in panels() for one in panel.get("targets", ())]


def rule_expressions() -> list[str]:
    text = re.sub(r"^\s*#.*$", "", RULES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return re.findall(r"expr:(.*?)(?:for:|labels:)", text, re.DOTALL)


def filled(expression: str) -> str:
    """As Grafana asks for it: its variables stand for something."""
    return (
        expression.replace("$__rate_interval", "5m").replace("$instance", ".*").replace("$line", ".*")
    )  # fmt: skip


def test_the_rules_are_rules() -> None:
    accepted("check", "rules", RULES)


def test_the_rules_do_what_they_say_in_an_ordinary_day() -> None:
    done = promtool("test", "rules", Path(__file__).with_name("rules.test.yml"))
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


@pytest.mark.parametrize("expression", rule_expressions())
def test_a_rule_asks_for_metrics_and_labels_that_there_are(expression: str) -> None:
    assert_known(expression)


@pytest.mark.parametrize(("title", "ref", "expression"), TARGETS)
def test_a_panel_asks_for_metrics_and_labels_that_there_are(title: str, ref: str, expression: str) -> None:
    assert_known(expression)


def assert_known(expression: str) -> None:
    named = set(_OURS.findall(expression))
    assert named or "up{" in expression
    assert named <= set(SERIES) | OF_PROCESS
    for name, labels in _ASKED.findall(expression):
        for label, how, value in _LABEL.findall(labels):
            if label in ("instance", "job"):
                continue
            assert label in SERIES[name].labels, f"{name} has no label {label}"
            if label != "line" and how == "=":
                assert value in VALUES[label], f"{name}: {label} is never {value}"
            if label != "line" and how == "=~":
                assert set(value.split("|")) <= set(VALUES[label])


def test_prometheus_understands_every_panel(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{at}", "expr": filled(row[2])} for at, row in enumerate(TARGETS)]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")  # JSON is YAML
    accepted("check", "rules", file)


def test_each_rule_has_an_urgency_and_says_what_to_do() -> None:
    text = RULES.read_text(encoding="utf-8")
    rules = text.split("- alert: ")[1:]
    for rule in rules:
        assert re.search(r"severity: (critical|warning|info)}", rule), rule
        assert "summary:" in rule
        assert "description:" in rule
    names = [rule.split()[0] for rule in rules]
    assert len(names) == len(set(names))


def test_grafana_knows_every_field_of_the_dashboard() -> None:
    """By Grafana's own types: what it does not know is lost on the way through them."""
    through = json.loads(JSONEncoder().encode(Dashboard.from_json(BOARD)))
    assert list(lost(BOARD, through)) == []


def lost(given: Any, kept: Any, place: str = "") -> Iterator[str]:
    if isinstance(given, dict):
        for key, value in given.items():
            if not isinstance(kept, dict) or key not in kept:
                yield f"{place}/{key}"
            else:
                yield from lost(value, kept[key], f"{place}/{key}")
    elif isinstance(given, list):
        if not isinstance(kept, list) or len(kept) != len(given):
            yield place
        else:
            for at, (one, other) in enumerate(zip(given, kept, strict=True)):
                yield from lost(one, other, f"{place}[{at}]")
    elif given != kept:
        yield f"{place}: {given!r} is {kept!r}"


def test_panels_have_a_place_each() -> None:
    every = list(panels())
    assert len({panel["id"] for panel in every}) == len(every)
    taken: set[tuple[int, int]] = set()
    for panel in every:
        at = panel["gridPos"]
        cells = set(itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))
        assert at["x"] + at["w"] <= 24
        assert not taken & cells, panel["title"]
        taken |= cells


def test_panels_ask_whichever_prometheus_was_chosen_and_say_what_they_show() -> None:
    for panel in panels():
        if panel["type"] == "row":
            continue
        assert panel["description"], panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        refs = [one["refId"] for one in panel["targets"]]
        assert len(set(refs)) == len(refs)
        assert all(one["datasource"] == panel["datasource"] for one in panel["targets"])


def test_the_dashboard_names_no_place_of_ours() -> None:
    assert not re.search(r"https?://|localhost|127\.0\.0\.1|/home/|/tmp/", json.dumps(BOARD))
