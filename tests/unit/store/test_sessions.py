"""Who opened the store, and with which settings: what the audit log says of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from gsmsend import about
from gsmsend.audit import Kind
from gsmsend.caller import Caller
from gsmsend.config import load
from gsmsend.contract import ConfigFacts
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore

TOML = '[operation]\nname = "Test"\nlab = true\n'


def entries(folder: Path) -> list[dict[str, object]]:
    """The log as it stands on disk."""
    connection = sqlite3.connect(folder / "gsmsend.db")
    try:
        return [json.loads(line) for (line,) in connection.execute("SELECT line FROM audit ORDER BY n")]
    finally:
        connection.close()


def data(entry: dict[str, object]) -> dict[str, object]:
    found = entry["data"]
    assert isinstance(found, dict)
    return found


def opened(folder: Path, *, asked: Callable[[], object] = lambda: None) -> SqlStore:
    """A store as wiring opens it."""
    settings = load(folder)

    def config() -> ConfigFacts | None:
        asked()
        return about.config(settings)

    return SqlStore(settings.store_path, EngineRules(), about=about.session(settings), config=config)


def use(folder: Path, times: int = 1) -> None:
    store = opened(folder)
    for _ in range(times):
        store.record_now(Kind.NOTE, {"what": "a test"}, 1.0)
    store.close()


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    (tmp_path / "gsmsend.toml").write_text(TOML)
    return tmp_path


def test_settings_stand_before_all_else_and_once_while_they_are_the_same(operation: Path) -> None:
    use(operation, 2)
    use(operation)
    kinds = [entry["kind"] for entry in entries(operation)]
    assert kinds == ["operation", "session", "config", "note", "note", "session", "note"]
    config = data(entries(operation)[2])
    assert (config["was"], len(str(config["config"]))) == (None, 64)
    settings = config["settings"]
    assert isinstance(settings, dict)
    assert settings["lab"] == "true"
    assert settings["pace.jitter"] == str(load(operation).pace.jitter)
    assert {type(value) for value in settings.values()} == {str}


def test_changed_settings_are_an_entry_that_names_both(operation: Path) -> None:
    use(operation)
    (operation / "gsmsend.toml").write_text(TOML + '[modems]\nports = ["/dev/ttyUSB2"]\n')
    use(operation)
    last = entries(operation)[-3:]
    assert [entry["kind"] for entry in last] == ["session", "config", "note"]
    first = data(entries(operation)[2])
    assert data(last[1])["was"] == first["config"]
    assert data(last[1])["config"] == data(last[0])["config"] != first["config"]
    assert last[1]["session"] == last[0]["n"]
    sealed = last[1]["sealed"]
    assert isinstance(sealed, dict)
    assert set(sealed) == {"toml"}
    (operation / "gsmsend.toml").write_text(TOML)
    use(operation)
    assert entries(operation)[-2]["kind"] == "config", "back to what it was is a change, too"


def test_a_store_that_is_only_opened_asks_nothing(operation: Path) -> None:
    asked: list[int] = []
    store = opened(operation, asked=lambda: asked.append(1))
    store.totals()
    store.close()
    assert not asked
    assert not entries(operation)


def test_a_session_says_who_and_what_and_no_secret(operation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = '[driver.other]\napi_key = "env:A_KEY"\npassword = "env:A_WORD"\n'
    (operation / "gsmsend.toml").write_text(TOML + "[driver.atmodem]\nbaudrate = 9600\n" + other)
    monkeypatch.setenv("A_KEY", "s3cret")
    monkeypatch.setenv("A_WORD", "hunter2")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setattr(Caller, "command", staticmethod(lambda: "suppress add"))
    monkeypatch.setattr(Caller, "officer", staticmethod(lambda: "DC Example"))
    use(operation)
    session, config = entries(operation)[1:3]
    said = data(session)
    assert set(said) == {
        "program", "version", "python", "system", "host", "login", "uid", "pid", "officer", "command", "config",
    }  # fmt: skip
    assert (said["program"], said["officer"], said["command"]) == ("gsmsend", "DC Example", "suppress add")
    assert said["login"] != "somebody-else"
    whole = json.dumps([session, config])
    assert "s3cret" not in whole
    assert "hunter2" not in whole
    settings = data(config)["settings"]
    assert isinstance(settings, dict)
    assert settings["drivers.other.api_key"] == "(not shown)"
    assert settings["drivers.atmodem.baudrate"] == "9600"
