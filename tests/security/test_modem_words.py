"""What a modem or SIM says is words: it acts on no screen, forges no line of a record and ends no program."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from gsmsend.cli import edge, jsonlines
from gsmsend.cli.inspection import Seen
from gsmsend.cli.modems import as_object, lines_of
from gsmsend.cli.plain import PlainLines
from gsmsend.cli.progress import Progress
from gsmsend.cli.screen import draw
from gsmsend.contract import Endpoint
from gsmsend.engine.events import LineChanged, Notice, Started
from gsmsend.errors import GsmsendError, LinkLost
from gsmsend.inert import line
from gsmsend.model import Device, Facts, OutcomeKind, State
from gsmsend.testing.driver_bench import part
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.settings import Settings
from gsmsend_atmodem.transcript import Transcript
from tests.security.hostile import CORPUS, acts_on_a_terminal, forged_lines
from tests.unit.atmodem.fake_modem import Rig

WORDS = [
    pytest.param(one[:400], id=f"{kind}-{n}") for kind, texts in CORPUS.items() for n, one in enumerate(texts)
]
AT_S = 1.79e9


def on_the_wire(text: str) -> str:
    """Octets as the modem sends them: a sign takes more than one, and none of them ends the line."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1").replace("\r", "\n").replace("\n", "\r\n")


def rig(text: str) -> Rig:
    """A modem that says this wherever it says anything freely."""
    word, made = on_the_wire(text), Rig()
    made.modem.answers |= {
        "AT+CGMI": (word, "OK"), "AT+CGMM": (f"+CGMM: {word}", "OK"), "AT+CGMR": (word, "OK"),
        "AT+CNUM": (f'+CNUM: "{word}","{word}",145', "OK"), "AT+COPS?": (f'+COPS: 0,0,"{word}"', "OK"),
        "AT+CSCA?": (f'+CSCA: "{word}",145', "OK"), "AT+CSQ": (f"+CSQ: {word}", "OK"),
        "AT+CREG?": (f"+CREG: 1,1,{word}", "OK"),
    }  # fmt: skip
    return made


def asked(made: Rig, record: Path, title: str = "a modem") -> Facts | GsmsendError:
    """What bringing it up gives, with a record of the dialogue."""
    transcript = Transcript(record, title, made.clock.monotonic(), made.clock.now())
    device, endpoint = Device("atmodem", made.port.address), Endpoint("atmodem", made.port.address)
    link = AtLink(made.port, endpoint, device, standard_profiles(), made.sink, made.clock, Settings(), transcript)
    try:
        return link.bring_up()
    except GsmsendError as error:
        return error
    finally:
        transcript.close()


def screen(facts: Facts) -> str:
    """The live screen, with the operator's column."""
    progress = Progress()
    progress.take(Started(AT_S, dict.fromkeys(State, 0)))
    progress.take(LineChanged(AT_S, facts.device.address, "SIM one", "ready", "", "", 0, facts))
    progress.take(Notice(AT_S, "warning", f"{facts.operator} {facts.device.model}"))
    console = Console(width=120, height=30, file=io.StringIO(), force_terminal=False)
    console.print(draw(progress, "Operation Example", AT_S, 120, 30))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("text", WORDS)
def test_names_of_a_modem_network_and_sim_are_words(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(rig(text), tmp_path / "modem.transcript")
    if isinstance(found, GsmsendError):
        edge.show(found)
        shown = capsys.readouterr().err
    else:
        said: list[str] = []
        view = PlainLines(said.append)
        view.event(
            LineChanged(AT_S, found.device.address, found.device.model, "ready", "", found.operator, 0, found)
        )
        seen = Seen(Endpoint("atmodem", "COM1"), found)
        assert json.dumps(as_object(seen)).isascii()
        shown = "\n".join([*map(line, lines_of(seen)), *said, screen(found)])
    assert shown.strip()
    assert acts_on_a_terminal(shown) == []
    assert forged_lines(shown) == []


@pytest.mark.parametrize("text", WORDS)
def test_a_record_of_the_dialogue_has_one_visible_line_for_each_line(text: str, tmp_path: Path) -> None:
    made, record = rig(text), tmp_path / "modem.transcript"
    asked(made, record, title=f"port {text}")
    lines = record.read_bytes().decode("ascii").split("\n")
    assert lines.pop() == ""
    assert all(re.fullmatch(r"# [ -~]*|\d{4}-\d\d-\d\dT[\d:.]+Z \S+ \S+[ -~]*", one) for one in lines), lines


@pytest.mark.parametrize("text", WORDS)
def test_what_a_modem_says_unasked_ends_nothing(text: str, tmp_path: Path) -> None:
    made = Rig()
    link = made.up()
    word = on_the_wire(text)
    for name in ("+CMTI: ", "+CMT: ", "+CDS: ", "+CREG: ", "+CME ERROR: ", "^BOOT:", ""):
        made.modem.say(name + word)
        try:
            link.listen(1.0)
        except LinkLost:
            made = Rig()
            link = made.up()
    assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.ACCEPTED


@pytest.mark.parametrize("text", WORDS)
def test_a_notice_is_one_line_on_every_view(text: str) -> None:
    said: list[str] = []
    PlainLines(said.append).event(Notice(AT_S, "warning", text))
    assert len(said) == 1
    assert len(said[0].splitlines()) == 1
    assert acts_on_a_terminal(said[0]) == []
    stream = io.StringIO()
    jsonlines.JsonLines(stream).event(Notice(AT_S, "warning", text))
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().isascii()
