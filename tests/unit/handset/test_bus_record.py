"""The record of a dialogue over a message bus: its form, and that it stops no work."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gsmsend.evidence.commands import commands
from gsmsend.model import Outcome, OutcomeKind, Refusal
from gsmsend_handset.bus_record import BusRecord


def test_a_line_has_time_device_sign_and_words(tmp_path: Path) -> None:
    file = tmp_path / "transcripts" / "phone.transcript"
    record = BusRecord(file, "a phone\x1b[2J", lambda: datetime(2026, 11, 22, 10, 0, 5, 123_000, UTC))
    record.called("org.freedesktop.DBus.Properties", "GetAll")
    record.called("org.bluez.obex.MessageAccess1", "PushMessage")
    record.device = "350000000000019"
    record.handed_over(2, 400)
    record.outcome(Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=10, raw="x", why="y"))
    record.outcome(Outcome(OutcomeKind.ACCEPTED), late=True)
    record.close()
    record.close()
    text, at = file.read_text(), "2026-11-22T10:00:05.123Z"
    assert text.splitlines() == [
        "# gsmsend transcript 2",
        "# a phone\\x1b[2J",
        f"{at} - > D-Bus org.bluez.obex.MessageAccess1.PushMessage",
        f"{at} 350000000000019 >p {{part 1 of 2 of 400 octets}}",
        f"{at} 350000000000019 >p {{part 2 of 2 of 400 octets}}",
        f"{at} 350000000000019 = refused later code=10",
        f"{at} 350000000000019 =l accepted",
    ]
    assert list(commands(text)) == ["D-Bus org.bluez.obex.MessageAccess1.PushMessage", "(PDU)", "(PDU)"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_without_a_place_nothing_is_kept_and_nothing_stops(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (None, tmp_path / "file" / "phone.transcript"):
        record = BusRecord(path, "a phone")
        record.called("org.bluez.obex.MessageAccess1", "PushMessage")
        record.close()
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
