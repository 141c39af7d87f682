"""Transcripts: nothing of a recipient in them, and they replay to the same outcomes."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from gsmsend.contract import Endpoint
from gsmsend.errors import ConfigError
from gsmsend.model import Device
from gsmsend.testing.driver_suite import Commit, OnAir, part
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.replay import Replay, Replayed, unmasked
from gsmsend_atmodem.settings import Settings
from gsmsend_atmodem.transcript import KEPT, Transcript, masked
from tests.unit.atmodem.fake_modem import ANSWERS, ICCID, Rig

CORPUS = sorted((Path(__file__).parents[2] / "corpus" / "at").glob("*.transcript"))
REPORT = "00060C0C91447700091032526051210000005260512100000030"


class _Bench:
    def on_air(self) -> list[OnAir]:
        return []


def replay(text: str) -> Replayed:
    return Replay(standard_profiles()).run(text.splitlines())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_committed_transcripts_come_to_the_same_outcomes(path: Path) -> None:
    replayed = replay(path.read_text())
    assert replayed.expected
    assert replayed.found == replayed.expected


def recorded(tmp_path: Path) -> str:
    rig = Rig()
    path = tmp_path / "t" / "modem.transcript"
    transcript = Transcript(path, "a modem", rig.clock.monotonic(), rig.clock.now())
    device, endpoint = Device("atmodem", rig.port.address), Endpoint("atmodem", rig.port.address)
    link = AtLink(rig.port, endpoint, device, standard_profiles(), rig.sink, rig.clock, Settings(), transcript)
    rig.modem.answers["AT+CSMS=?"] = ANSWERS["AT+CSMS=?"]
    link.bring_up()

    def send() -> None:
        link.submit(part("+447700900123", "The secret words"), Commit(_Bench()))  # type: ignore[arg-type]

    send()
    rig.modem.report(rig.modem.on_air[0], 0x30)
    rig.modem.inbound("+447700900123", "Please call me back")
    link.listen(1)
    rig.modem.refuse = 38
    send()
    rig.modem.early = ("+CMS ERROR: 500",)
    send()
    rig.modem.mute = True
    send()
    rig.modem.later.append((rig.clock.monotonic() + 3, lambda: rig.modem.say("+CMGS: 42", "OK")))
    link.listen(5)
    rig.modem.restart("RDY")
    send()
    send()
    rig.modem.say('+CMT: "+447700900123",,"25/06/15,12:00:00+04"', "please call 07700900123")
    rig.modem.say("a stray line with +447700900123")
    link.listen(1)
    link.close()
    return path.read_text()


def test_nothing_of_a_recipient_is_in_it(tmp_path: Path) -> None:
    text = recorded(tmp_path)
    for secret in ("7700900123", "secret", "lease call", "stray", "4477000910", "D4F29C"):
        assert secret not in text
    assert "{STATUS-REPORT 26 mr=41 st=48}" in text
    assert "= accepted mr=41" in text
    assert "=l accepted mr=42" in text


def test_each_line_says_when_and_which_modem(tmp_path: Path) -> None:
    lines = [line for line in recorded(tmp_path).splitlines() if not line.startswith("#")]
    parsed = [re.fullmatch(r"(\d{4}-\d\d-\d\dT[0-9:]{8}\.\d{3}Z) (\d+|-) (\S+)(?: .*)?", line) for line in lines]
    assert all(parsed)
    found = [(each[1], each[2], each[3]) for each in parsed if each]
    assert sorted(found, key=lambda each: each[0]) == found
    assert found[0][0].startswith("2025-06-15T15:06:40")
    named = next(index for index, each in enumerate(found) if each[1] != "-")
    assert {each[1] for each in found[named:]} == {"490154203237518"}
    assert any(line.endswith("> AT+CGSN") for line in lines[:named])
    assert all("AT+CMGS" not in line for line in lines[:named])
    assert f"= up generic {ICCID}" in "\n".join(lines)


def test_whoever_is_killed_leaves_every_command_that_acted_in_the_file(tmp_path: Path) -> None:
    rig, path = Rig(), tmp_path / "t"
    transcript = Transcript(path, "a modem", rig.clock.monotonic(), rig.clock.now())
    missing: list[str] = []
    write, said = rig.port.write, Counter[str]()

    def written(octets: bytes) -> None:
        """As a kill at this moment would leave the file: what goes out now must be in it, with all before it."""
        command = octets.decode("ascii").lstrip("\x1b")
        found = "{SUBMIT" if command.endswith("\x1a") else f"> {command.strip()}\n"
        if command and not command.startswith("AT+CMGS"):
            said[found] += 1
            missing.extend([found] * (path.read_text().count(found) < said[found]))
        write(octets)

    rig.port.write = written  # type: ignore[method-assign]
    device, endpoint = Device("atmodem", rig.port.address), Endpoint("atmodem", rig.port.address)
    link = AtLink(rig.port, endpoint, device, standard_profiles(), rig.sink, rig.clock, Settings(), transcript)
    link.bring_up()
    for _ in range(2):
        link.submit(part("+447700900123", "Words"), Commit(_Bench()))  # type: ignore[arg-type]
    link.listen(1)
    assert missing == []
    assert said["{SUBMIT"] == 2
    assert path.read_text().count("= accepted mr=") == 2
    assert path.read_text().count("> AT+CMGS=") == 2
    link.close()


def test_a_record_replays_to_its_own_outcomes(tmp_path: Path) -> None:
    replayed = replay(recorded(tmp_path))
    assert replayed.found == replayed.expected
    kinds = [line.split()[0] for line in replayed.expected]
    assert kinds == ["accepted", "refused", "refused", "unknown", "late", "accepted", "accepted"]
    assert "RDY" in replayed.restarts
    assert [event.prefix for event in replayed.unsolicited][:2] == ["+CDS:", "+CMT:"]


def test_a_changed_answer_is_found_out(tmp_path: Path) -> None:
    text = recorded(tmp_path).replace("< +CMGS: 41", "< +CMGS: 40")
    replayed = replay(text)
    assert replayed.found != replayed.expected


def test_a_file_that_is_no_transcript_is_refused() -> None:
    with pytest.raises(ValueError, match="line 1"):
        replay("hello\n")


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("line", "OK", "< OK"),
        ("line", "+CMGS: 12", "< +CMGS: 12"),
        ("line", "+CMT: ,24", "< +CMT: ,24"),
        ("line", '+CMT: "Jo",24', "< +CMT: ,24"),
        ("line", '+CNUM: "Me","+447700900123",145', '< +CNUM: "*","*",145'),
        ("line", "+CLIP: +447700900123", "< +CLIP: +447*****0123"),
        ("line", "Help me", "< {7 characters}"),
        ("line", '+CPBR: 1,"+447700900123",145,"Anna"', '< +CPBR: 1,"*",145,"*"'),
        ("line", "001010000000001", "< 0010*******0001"),
        ("line", "\x80\xff", "< {2 characters}"),
        ("body", REPORT, "<b {STATUS-REPORT 26 mr=12 st=48}"),
        ("body", "00", "<b {unreadable 2}"),
        ("body", "a text", "<b {unreadable 6}"),
    ],
)
def test_how_lines_are_masked(kind: str, text: str, shown: str) -> None:
    assert masked("<", kind, text) == shown


def test_a_masked_report_is_made_up_again() -> None:
    assert unmasked("{STATUS-REPORT 26 mr=12 st=48}") == REPORT


def said(folder: Path) -> dict[str, list[str]]:
    """By file, what stands in it besides its title."""
    texts = {path.name: path.read_text().splitlines() for path in folder.iterdir()}
    return {name: [line[-6:] for line in lines if not line.startswith("#")] for name, lines in texts.items()}


def test_in_a_lab_only_the_newest_of_it_stays_and_no_file_is_ever_changed(tmp_path: Path) -> None:
    path = tmp_path / "modem.transcript"
    lines = [f"+X: {number:02}" for number in range(40)]
    for opening in (lines[:17], lines[17:]):
        transcript = Transcript(path, "a modem", 0, 0, most_octets=150)
        for line in opening:
            transcript.trace("<", "line", line)
        transcript.close()
    found = said(tmp_path)
    assert len(found) == KEPT
    assert path.name not in found
    numbered = sorted(found, key=lambda name: int(name.split(".")[1]))
    kept = [line for name in numbered for line in found[name]]
    assert kept == lines[-len(kept) :]
    assert len(kept) >= KEPT - 1
    assert all(each.read_text().startswith("# gsmsend transcript 2\n# a modem\n") for each in tmp_path.iterdir())


def test_an_exhibits_dialogue_stays_whole(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path / "modem.transcript", "a modem", 0, 0)
    for number in range(5000):
        transcript.trace("<", "line", f"+X: {number}")
    transcript.close()
    assert [*said(tmp_path)] == ["modem.transcript"]
    assert len(said(tmp_path)["modem.transcript"]) == 5000


def test_a_full_disk_ends_the_record_and_nothing_else(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path / "t", "x", 0, 0)
    transcript._file.close()
    transcript.trace("<", "line", "OK")
    transcript.flush()
    transcript.close()


@pytest.mark.parametrize(
    "table", [{"submit_timeout": 5}, {"submit_timeout_s": "5"}, {"baudrate": 9.6}, {"late_listen_s": -1}]
)
def test_settings_name_what_is_wrong(table: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"\[driver.atmodem\]"):
        Settings.of(table)
