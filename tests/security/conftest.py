"""The command line in this process, and operations in which strangers have written everything they can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from gsmsend import config, wiring
from gsmsend.cli import edge
from gsmsend.cli.group import main
from gsmsend.cli.init import make
from gsmsend.contract import AttemptClose, AttemptOpen, ImportSource, NewMessage
from gsmsend.model import Device, Inbound, Outcome, OutcomeKind, Refusal, Sim, State
from tests.security.hostile import ALL


@dataclass(frozen=True, slots=True)
class Said:
    """What a command wrote."""

    code: int
    out: str
    err: str


AT = datetime(2026, 11, 22, tzinfo=UTC)
Say = Callable[..., Said]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Say:
    """Run `gsmsend ARGS` in an empty folder, as the program does from its first to its last line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(edge, "_folder", None)

    def run(*words: object) -> Said:
        result = CliRunner().invoke(main, [str(word) for word in words], prog_name="gsmsend")
        return Said(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(scope="session")
def overrun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab operation: every hostile string as text, reply, sender, file name, words of a modem and of a line."""
    folder = tmp_path_factory.mktemp("overrun") / "op"
    make(folder, lab=True)
    store = wiring.open_store(config.load(folder))
    for index, text in enumerate(ALL):
        number = f"+4477009001{index:02}"
        row = NewMessage(number, text, index + 2, 1)
        store.add(ImportSource(text, f"digest {index}", "main", 1.0 + index), [row])
        device = Device("fake", text, manufacturer=text, model=text, revision=text, imei=f"35000000{index:07}")
        line = store.line(Sim(iccid=f"89440000000000{index:05}", number=text), device, 1.0).line_id
        (message,) = store.claim(line, 1, 1e9).result()
        opened = AttemptOpen(message.message_id, 1, line, 3.0)
        attempt = store.advance(None, opened).result().attempt_id
        assert attempt is not None
        refused = Outcome(OutcomeKind.REFUSED, code=38, refusal=Refusal.RECIPIENT)
        ends = ((State.UNCERTAIN, Outcome(OutcomeKind.UNKNOWN)), (State.FAILED, refused))
        state, outcome = ends[index % 2]
        close = AttemptClose(attempt, message.message_id, 1, 1, line, outcome, 4.0, state, why=text)
        store.advance(close, None).result()
        store.line_state(line, "down", text, -70, text)
        store.record_inbound(line, Inbound(number, text, 1.7e9, None, how="CMT"), 1.7e9).result()
        store.record_inbound(line, Inbound(text, "he has a knife " + text, 1.7e9, None, how="CMT"), 1.7e9).result()
    store.close()
    return folder
