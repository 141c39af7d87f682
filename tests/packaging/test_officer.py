"""docs/officer.md, as an officer reads it: every command in it is typed, and what it shows is seen."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.config import load
from gsmsend.contract import HostState
from gsmsend.model import OutcomeKind, ReportOutcome, State
from gsmsend.wiring import open_view
from tests.packaging import example_lists
from tests.packaging.walk import Desk, Step, seen, steps

ROOT = Path(__file__).parents[2]
PAGE = steps((ROOT / "docs" / "officer.md").read_text(encoding="utf-8"))
TYPED = [line for step in PAGE if step.kind == "sh" for line in step.lines]
PATIENCE_S = 60.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, "correct horse battery staple")
    yield desk
    desk.close()


def missing(lines: tuple[str, ...], output: str) -> list[str]:
    """What of a box is not to be seen."""
    return [line for line in lines if line.strip() and not seen(line, output)]


def walk(desk: Desk, page: list[Step]) -> None:
    """Type what is to be typed, see what is to be seen."""
    lasting, last, output = "", "", ""
    for step in page:
        if step.kind == "sh" and step.window:
            desk.open(step.window, step.lines[0])
            begun(desk, step.window)
            lasting, last = step.window, ""
        elif step.kind == "sh":
            lasting, output = "", ""
            for last in step.lines:
                code, said = desk.type(last)
                assert code == 0, f"{last}: {code}\n{said}"
                output += said
            if step.lines[-1] == "gsmsend status":
                settle(desk)
        elif step.kind == "json":
            for line in step.lines:
                desk.windows["bench"].type(line)
            heard(desk, len(step.lines))
        else:
            see(desk, step.lines, lasting, last, output)


def begun(desk: Desk, window: str) -> None:
    """Until something is to be seen in a window."""
    until = time.monotonic() + PATIENCE_S
    while not desk.windows[window].output.strip():
        assert time.monotonic() < until, f"nothing is to be seen in the window {window}"
        time.sleep(0.1)


def see(desk: Desk, lines: tuple[str, ...], lasting: str, last: str, output: str) -> None:
    """A box of what is shown: in a window where something goes on it may take a while."""
    until = time.monotonic() + PATIENCE_S
    while lasting and missing(lines, desk.windows[lasting].output) and time.monotonic() < until:
        time.sleep(0.1)
    shown = desk.windows[lasting].output if lasting else output
    assert missing(lines, shown) == [], f"{last or lasting}:\n{shown}"


def settle(desk: Desk) -> None:
    """As a person does: look again until the first texts were delivered and the rest is on its way."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        _, said = desk.type("gsmsend status --json")
        if json.loads(said.splitlines()[-1])["totals"]["delivered"] >= 5:
            return
        time.sleep(0.3)
    pytest.fail(f"the first texts were not delivered: {said}{desk.windows['running'].output}")


def heard(desk: Desk, replies: int) -> None:
    """Until all is sent and the replies are there."""
    until = time.monotonic() + PATIENCE_S
    said = ""
    while time.monotonic() < until:
        _, said = desk.type("gsmsend inbox --json")
        _, state = desk.type("gsmsend status --json")
        totals = json.loads(state.splitlines()[-1])["totals"]
        open_texts = sum(totals[state] for state in ("draft", "queued", "sending", "sent"))
        if said.count('"from"') >= replies and not open_texts:
            return
        time.sleep(0.3)
    pytest.fail(f"not all came in or left: {said}{state}{desk.windows['running'].output}")


@pytest.mark.slow
def test_from_two_lists_to_the_report(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = next(index for index, step in enumerate(PAGE) if step.window == "running")
    report = next(index for index, step in enumerate(PAGE) if "gsmsend report" in step.lines)
    walk(desk, PAGE[:sending])
    walk(desk, PAGE[sending:report])
    code = desk.windows["running"].interrupt()
    assert code in {0, 130}, desk.windows["running"].output
    walk(desk, PAGE[report:])
    _, said = desk.type("gsmsend report --json")
    found = json.loads(said.splitlines()[-1])
    assert found["outcome"] == {"delivered": 33, "suppressed": 1}
    assert {line["line"]: line["texts"] for line in found["lines"]} == {"red-phone": 19, "blue-phone": 14}
    assert found["replies"]["people"] == 2
    assert found["visits"]["total"] == 141
    assert len(found["approvals"]) == 2
    monkeypatch.setenv("XDG_CONFIG_HOME", desk.environment["XDG_CONFIG_HOME"])
    assert told_of(desk.folder) == []


def told_of(folder: Path) -> list[str]:
    """What of all that the store has in words is on the page for the charity."""
    page = (folder / "for-the-charity.html").read_text(encoding="utf-8")
    shown = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    kept = _plain(folder) | _sealed(folder)
    assert example_lists.people() < kept
    assert {"STOP", "Who is this? I want to talk to someone", "DC Example", "red-phone.xlsx"} < kept
    ours = {*State, *OutcomeKind, *ReportOutcome, *HostState, "never", "contact"}  # "on the never-contact list"
    return [value for value in kept - ours if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", shown)]


def _plain(folder: Path) -> set[str]:
    """Every text that stands in the store as it is."""
    with closing(sqlite3.connect(folder / "gsmsend.db")) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            value
            for table in tables
            if table != "audit"  # its lines are longer than anything on a page
            for row in store.execute(f"SELECT * FROM {table}")  # noqa: S608 - its own tables
            for value in row
            if isinstance(value, str) and value
        }


def _sealed(folder: Path) -> set[str]:
    """Every text that the store has sealed, as the audit log has it."""
    view = open_view(load(folder))
    try:
        secrets = [row.secrets for row in view.audit() if row.secrets]
    finally:
        view.close()
    values = [value for one in secrets for _, value in one.values()]
    return {text for value in values for text in _texts(value) if text}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def test_the_page_and_the_examples_readme_say_the_same() -> None:
    readme = (example_lists.FOLDER / "README.txt").read_text(encoding="utf-8")
    commands = [line.strip() for line in readme.splitlines() if line.startswith("    gsmsend ")]
    assert len(commands) > 10
    assert [line for line in commands if line not in TYPED] == []


def test_the_examples_lists_are_those_of_their_maker(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    for name, rows in example_lists.LISTS.items():
        example_lists.write(tmp_path / name, rows)
        for place in (example_lists.FOLDER, tmp_path):
            sheet = load_workbook(place / name).worksheets[0]
            found = [tuple(cell or "" for cell in row) for row in sheet.iter_rows(values_only=True)]
            assert found == [example_lists.HEAD, *rows]


def test_example_numbers_are_those_kept_for_drama() -> None:
    assert all(number.startswith("+447700900") for number in example_lists.people())
