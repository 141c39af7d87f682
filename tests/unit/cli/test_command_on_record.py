"""The audit log says which command was given, and nothing of what stood behind it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.unit.cli.conftest import Call, People


def test_the_words_of_the_command_and_no_more(call: Call, operation: Path, people: People) -> None:
    file = people(3)
    call("import", file, "--operation", operation)
    result = call("suppress", "add", "07700900901", "--reason", "Asked not to", "--operation", operation)
    assert result.exit_code == 0, result.output
    connection = sqlite3.connect(operation / "gsmsend.db")
    lines = [line for (line,) in connection.execute("SELECT line FROM audit WHERE kind = 'session' ORDER BY n")]
    connection.close()
    sessions = [json.loads(line)["data"] for line in lines]
    assert [session["command"] for session in sessions] == ["import", "suppress add"]
    assert all(word not in line for line in lines for word in (file.name, "Asked", "900901"))
    assert all(len(session["config"]) == 64 for session in sessions)
