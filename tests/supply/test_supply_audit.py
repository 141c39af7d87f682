"""The audit says what it found out and what it did not; the bill of materials is held against the lock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.supply import locks, sbom
from tests.supply.__main__ import main
from tests.supply.audit import audit, words
from tests.supply.tools import ToolMissing, Tools

LOCK = locks.pins("".join(f"{name}==1.0 --hash=sha256:{'b' * 64}\n" for name in ("good", "bad", "hidden")))


def _tools(folder: Path, answer: str) -> Tools:
    """A pip-audit that answers this."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "pip-audit"
    (folder / "answer").write_text(answer, encoding="utf-8")
    program.write_text(f"#!/bin/sh\ncat '{folder / 'answer'}'\n", encoding="utf-8")
    program.chmod(0o755)
    return Tools(folder)


def _answer(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def _no_page(name: str) -> Any:
    raise OSError(f"no route to the page of {name}")


def _page(version: str, *ids: str) -> Any:
    return {"info": {"version": version}, "vulnerabilities": [{"id": one, "withdrawn": None} for one in ids]}


def test_what_pip_audit_finds_is_found(tmp_path: Path) -> None:
    told = _answer({"name": "good", "vulns": []}, {"name": "bad", "vulns": [{"id": "PYSEC-1"}]})
    findings = audit(_tools(tmp_path, told), LOCK, _no_page)
    assert (findings.clean, findings.vulnerable) == (["good"], {"bad": ["PYSEC-1"]})
    assert "pip-audit gave no answer" in findings.unanswered["hidden"]


def test_a_package_that_pip_audit_skips_is_not_clean(tmp_path: Path) -> None:
    told = _answer(*({"name": name, "skip_reason": "not found"} for name in LOCK))
    findings = audit(_tools(tmp_path, told), LOCK, _no_page)
    assert findings.clean == []
    assert sorted(findings.unanswered) == ["bad", "good", "hidden"]
    assert any("3 packages were NOT audited" in line for line in words(findings))


def test_the_project_page_answers_for_the_newest_version_only(tmp_path: Path) -> None:
    pages = {"good": _page("1.0"), "bad": _page("1.0", "PYSEC-2"), "hidden": _page("2.0")}
    findings = audit(_tools(tmp_path, ""), LOCK, pages.__getitem__)
    assert (findings.clean, findings.vulnerable) == (["good"], {"bad": ["PYSEC-2"]})
    assert "locked is 1.0" in findings.unanswered["hidden"]


@pytest.mark.parametrize(
    "page", [{}, {"info": {"version": "1.0"}}, {"info": {"version": "1.0"}, "vulnerabilities": None}]
)
def test_a_page_that_says_nothing_about_advisories_is_no_answer(tmp_path: Path, page: Any) -> None:
    assert len(audit(_tools(tmp_path, ""), LOCK, lambda _name: page).unanswered) == 3


def test_a_missing_tool_is_not_a_clean_audit(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="make tools"):
        audit(Tools(tmp_path), LOCK, _no_page)
    assert main(["--tools", str(tmp_path), "audit"]) == 2
    assert main(["--tools", str(tmp_path), "sbom", str(tmp_path / "bill.json")]) == 2


def _bill(*components: dict[str, Any]) -> dict[str, Any]:
    return {"components": list(components)}


def _component(name: str, version: str = "1.0", digit: str = "b") -> dict[str, Any]:
    sums = [{"alg": "SHA-256", "content": digit * 64}]
    return {"name": name, "version": version, "externalReferences": [{"type": "distribution", "hashes": sums}]}


def test_a_bill_that_is_not_the_lock_is_found() -> None:
    assert sbom.lacking(_bill(*map(_component, LOCK)), LOCK) == []
    wrong = sbom.lacking(_bill(_component("good", "2.0"), _component("bad", digit="c"), _component("more")), LOCK)
    assert wrong == [
        "more is in the bill and not in the lock",
        "good is 2.0 in the bill and 1.0 in the lock",
        "bad has other hashes in the bill",
        "hidden is not in the bill",
    ]
