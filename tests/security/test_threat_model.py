"""docs/threat-model.md: each threat is complete, and each test it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
SECTIONS = PAGE.partition("## Threats\n")[2].split("\n### ")[1:]
THREATS = {head.strip(): body for head, _, body in (one.partition("\n") for one in SECTIONS)}
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))
ASKED = (
    "Lost laptop", "Curious colleague", "Hostile SIM content", "Hostile inbound text", "Hostile import file",
    "Hostile modem firmware", "Stolen backup", "Misuse for spam",
)  # fmt: skip


def functions(path: Path) -> set[str]:
    """The tests of a module, in classes as well."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", NAMED)
def test_a_named_test_exists(name: str) -> None:
    file, _, test = name.partition("::")
    assert (ROOT / file).is_file()
    assert test.startswith("test_")
    assert test in functions(ROOT / file)


def test_the_threats_that_were_asked_about_are_there() -> None:
    assert set(ASKED) <= THREATS.keys()


@pytest.mark.parametrize("threat", THREATS)
def test_a_threat_says_what_answers_it_what_remains_and_what_shows_it(threat: str) -> None:
    body = THREATS[threat]
    parts = dict(re.findall(r"- \*\*(.+?):\*\*(.+?)(?=\n- \*\*|\Z)", body, re.DOTALL))
    assert parts.keys() >= {"Can", "Answer", "Remains"}
    assert all(len(parts[name].split()) >= 4 for name in ("Can", "Answer", "Remains"))
    shown = re.findall(r"`tests/[^`]+::test_\w+`", parts.get("Tests", ""))
    assert shown or len(parts.get("No test", "").split()) >= 5
