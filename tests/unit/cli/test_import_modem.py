"""`import --from-modem`: who a SIM and handset know, read over a pseudo-terminal with nothing on them changed."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend.cli.init import make
from gsmsend.contract import OpenOptions, Readable
from gsmsend.errors import GuardStop
from gsmsend.sms import encode_submit, split
from gsmsend_atmodem import DRIVER
from gsmsend_virtual import DRIVER as VIRTUAL
from gsmsend_virtual import tpdu
from gsmsend_virtual.bench import Bench, Plan
from gsmsend_virtual.modem import Modem
from gsmsend_virtual.pty_bench import PtyBench
from gsmsend_virtual.sim import PhonebookEntry
from gsmsend_virtual.storage import Status, Stored

from .conftest import Call, objects

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bench needs Linux")

ANNA, BORIS, CHLOE, DAN, EVE = (f"+44770090010{n}" for n in range(1, 6))
SENT_S = 1_764_590_400  # 1 December 2025, noon


def received(sender: str) -> Stored:
    (octets,) = tpdu.text_parts(sender, "See you at six", SENT_S, 0, 1)
    return Stored(Status.REC_UNREAD, b"\x00", octets)


def sent(to: str) -> Stored:
    return Stored(Status.STO_SENT, b"\x00", encode_submit(to, split("On my way").segments[0]))


class Exhibit:
    """A modem on a pseudo-terminal whose SIM and handset hold something."""

    def __init__(self, folder: Path, personality: str) -> None:
        self.bench = Bench(Plan(1, (personality,)), now=time.monotonic(), epoch_s=time.time())
        self.ptys = PtyBench(self.bench, folder)
        self.modem: Modem = self.bench.modems[0]
        sim = self.modem.sim
        assert sim is not None
        self.sim = sim
        sim.phonebook = {1: PhonebookEntry(ANNA, "Anna"), 50: PhonebookEntry("07700 900102", "Boris")}
        self.modem.phonebooks["ME"] = {7: PhonebookEntry(ANNA, "Anna again")}
        sim.messages.add(received(CHLOE))
        sim.messages.add(sent(DAN))
        self.modem.stores["ME"].add(received(EVE))
        self.thread = threading.Thread(target=self.ptys.run, daemon=True)
        self.thread.start()
        self.port = str(folder / "modem1")

    def state(self) -> tuple[object, ...]:
        """All that is stored, byte for byte, what is selected, and how often anything was written."""
        stores = [self.sim.messages, *self.modem.stores.values()]
        return (
            [(store.name, store.snapshot(), store.writes) for store in stores], dict(self.sim.phonebook),
            dict(self.modem.phonebooks), self.modem.phonebook, [self.modem.memory(n) for n in range(3)],
            self.sim.smss,
        )  # fmt: skip

    def close(self) -> None:
        self.ptys.stop()
        self.thread.join()
        self.ptys.close()


@pytest.fixture(params=["generic", "simcom"])
def exhibit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Exhibit]:
    made = Exhibit(tmp_path / "ptys", request.param)
    yield made
    made.close()


def test_who_it_knows_is_imported_and_its_storage_is_byte_for_byte_as_before(
    exhibit: Exhibit, call: Call, operation: Path
) -> None:
    before = exhibit.state()
    result = call(
        "import", "--from-modem", exhibit.port, "--text", "Help is here", "--operation", operation, "--json"
    )
    assert result.exit_code == 0, result.output
    assert exhibit.state() == before
    (found,) = objects(result)
    peeks = exhibit.modem.personality.peek
    assert (found["accepted"], found["duplicates"], found["refused"]) == (5 if peeks else 4, 1, 0)
    places = {place["place"]: place["used"] for place in found["places"]}
    assert places["SIM phonebook"] == 2
    assert places["SIM messages"] == 2
    assert places["handset phonebook"] == 1
    assert ("would mark them as read" in found["read_as"]) is not peeks
    rows = objects(call("messages", "--operation", operation, "--json", "--id", "1"))
    assert [(one["place"], one["row"], one["kind"]) for one in rows[0]["sources"]] == [
        ("SIM phonebook", 1, "phonebook"),
        ("handset phonebook", 7, "phonebook"),
    ]


def test_what_was_asked_of_an_exhibit_is_in_a_transcript_with_nobody_in_it(
    exhibit: Exhibit, call: Call, tmp_path: Path
) -> None:
    folder = tmp_path / "real"
    make(folder, lab=False)
    result = call("import", "--from-modem", exhibit.port, "--text", "Help is here", "--operation", folder)
    assert result.exit_code == 0, result.output
    (file,) = (folder / "transcripts").iterdir()
    text = file.read_text()
    assert file.name.startswith("look-")
    assert f" {exhibit.modem.imei} > AT+CPBR=" in text
    assert all(word not in text for word in ("90010", "Anna", "Boris", "six"))
    call("modems", "--port", exhibit.port, "--operation", folder)
    assert file.read_text().count("# gsmsend transcript 2") == 2


def test_reading_again_changes_nothing(exhibit: Exhibit, call: Call, operation: Path) -> None:
    words = ["import", "--from-modem", exhibit.port, "--text", "Help is here", "--operation", operation]
    call(*words)
    assert "imported before" in call(*words).stdout


def test_a_date_takes_only_messages_of_then(exhibit: Exhibit, call: Call, operation: Path) -> None:
    words = ["import", "--from-modem", exhibit.port, "--text", "Help", "--operation", operation, "--json"]
    (found,) = objects(call(*words, "--since", "2025-12-01", "--until", "2025-12-01", "--kind", "message"))
    peeks = exhibit.modem.personality.peek
    assert found["accepted"] == (2 if peeks else 1)
    assert found["left_out_why"]["not asked for: phonebook"] == 3
    assert found["left_out_why"]["no date"] == 1  # what was sent from the phone carries none


def test_a_sim_that_wants_its_pin_is_never_tried(exhibit: Exhibit) -> None:
    exhibit.sim.pin_enabled = True
    tries = exhibit.sim.pin_tries
    with pytest.raises(GuardStop, match="asks for a code"):
        DRIVER.read_stored(DRIVER.endpoint(exhibit.port), OpenOptions(exhibit=True))
    assert exhibit.sim.pin_tries == tries


def test_without_a_text_for_all_nothing_is_opened(call: Call, operation: Path) -> None:
    result = call("import", "--from-modem", "--operation", operation)
    assert result.exit_code == 2
    assert "what a SIM holds has no texts to send" in result.stderr
    assert "--text" in result.stderr


def test_modems_of_this_process_are_read_too() -> None:
    assert isinstance(VIRTUAL, Readable)
    held = VIRTUAL.read_stored(VIRTUAL.endpoint("virtual:3"), OpenOptions())
    assert held.numbers == ()
    assert held.sim.iccid
