"""The method statement says what was done, whatever it was."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from gsmsend.audit import Kind
from gsmsend.evidence import statement
from gsmsend.evidence.commands import Changes, commands, counted, known
from gsmsend.evidence.method import Method, method
from gsmsend.masking import mask_number
from gsmsend_atmodem.stock import SETTINGS
from tests.unit.evidence.small_log import NUMBERS, TEXT, SmallLog, story_of, whole

DIALOGUE = """# gsmsend transcript 2
# /dev/ttyUSB2
2026-11-22T08:51:54.302Z - >e ESC
2026-11-22T08:51:54.302Z - > AT
2026-11-22T08:51:54.302Z - < OK
2026-11-22T08:51:54.313Z 001017000000011 > AT+CPIN="***"
2026-11-22T08:51:54.313Z 001017000000011 > AT+CMGS=23
2026-11-22T08:51:54.313Z 001017000000011 <>
2026-11-22T08:51:54.313Z 001017000000011 >p {SUBMIT 23}
2026-11-22T08:51:54.313Z 001017000000011 < +CMGS: 4
2026-11-22T08:51:54.313Z 001017000000011 = accepted mr=4
0.123 > AT+CSQ
"""


def told(dialogue: str) -> Method:
    return method(story_of(whole()), {"a.transcript": dialogue}, mask_number)


def pages(done: Method) -> tuple[str, str]:
    """The page and the text, each in one line."""
    made = (statement.html(done, "Operation Example", "today"), statement.text(done, "Operation Example", "today"))
    return (" ".join(made[0].decode().split()), " ".join(made[1].decode().split()))


def test_commands_are_read_from_transcripts_old_and_new() -> None:
    assert list(commands(DIALOGUE)) == ["(ESC)", "AT", 'AT+CPIN="***"', "AT+CMGS=23", "(PDU)", "AT+CSQ"]


def test_a_command_nobody_foresaw_is_told_and_stands_first() -> None:
    done = told(DIALOGUE + "2026-11-22T08:51:55.000Z - > AT+NVWIPE=1\n")
    assert done.sent[0].command == "AT+NVWIPE=1"
    assert done.sent[0].changes is Changes.UNKNOWN
    for page in pages(done):
        assert "AT+NVWIPE=1" in page
        assert "1 of the commands sent are not in gsmsend" in page
    assert "AT+NVWIPE=1" not in "".join(pages(told(DIALOGUE)))


def test_a_command_hidden_behind_another_is_told() -> None:
    done = told('2026-11-22T08:51:55.000Z - > AT+CSQ;+CMGD=1;+CNUM="a;b"\n')
    assert [one.command for one in done.sent] == ['AT+CNUM="a;b"', "AT+CMGD=*", "AT+CSQ"]


@pytest.mark.parametrize(
    ("command", "changes", "sentence"),
    [
        ("AT+CMGD=1", Changes.MEMORY, "1 command was sent of a kind that may delete a stored text"),
        ("AT+CMGL=4", Changes.MEMORY, "1 command was sent of a kind that may delete a stored text"),
        ("AT+CRSM=214,28542,0,0,9", Changes.SIM, "of a kind that may write to the SIM"),
        ("AT+CSCA=+447700900000", Changes.SIM, "of a kind that may write to the SIM"),
        ("AT+CRSM=178,28476,1,4,176", Changes.NOTHING, "No command was sent that may write to the SIM."),
        ("AT+CMGL=4,1", Changes.NOTHING, "No command was sent that may delete a stored text"),
    ],
)
def test_what_may_change_something_is_never_said_to_change_nothing(
    command: str, changes: Changes, sentence: str
) -> None:
    done = told(f"2026-11-22T08:51:55.000Z - > {command}\n")
    assert [one.changes for one in done.sent] == [changes]
    assert any(sentence in one for one in done.findings)


def test_no_dialogue_on_record_is_said() -> None:
    for page in pages(told("")):
        assert "the list of commands is not complete" in page


def test_storage_before_and_after_is_compared() -> None:
    done = told(DIALOGUE)
    assert done.changed == (
        "Line 1, texts in SM: 3 of 20 before, 4 of 20 after.", "Line 1, setting AT+CNMI: 1 before, 2 after.",
    )  # fmt: skip


def test_storage_that_was_not_read_again_or_is_the_same_is_said() -> None:
    log = SmallLog()
    log.begin()
    before = {"line": 1, "when": "before", "texts": {"SM": [3, 20]}, "read": "then"}
    log.add(Kind.STORAGE, before)
    log.head()
    assert method(story_of(log), {}, mask_number).changed == (
        "Line 1: nothing was read after its last text; it may have been lost.",
    )
    log.add(Kind.STORAGE, before | {"when": "after", "read": "later"})
    log.head()
    assert method(story_of(log), {}, mask_number).changed == (
        "Line 1: all that was read before its first text was the same after its last.",
    )


def test_what_did_change_is_said_first_and_what_no_command_did_after_it() -> None:
    log = SmallLog()
    log.begin()
    log.list_of((NUMBERS[0], TEXT))
    before = {"line": 1, "when": "before", "counter": 255, "found": {"CNMI": "0,0,0,0,0", "CSMS": "0"}}
    log.add(Kind.STORAGE, before)
    log.sent(1)
    after = {"line": 1, "when": "after", "counter": 0, "now": {"CNMI": "2,2,0,1,0", "CSMS": "0"}}
    log.add(Kind.STORAGE, after)
    log.head()
    done = method(story_of(log), {"a.transcript": DIALOGUE.replace('AT+CPIN="***"', "AT+CNMA")}, mask_number)
    assert "EF-SMSS" in done.findings[0]
    assert "line 1: 255 before, 0 after" in done.findings[0]
    assert (
        "left other than they were found: line 1, AT+CNMI: 0,0,0,0,0 before, 2,2,0,1,0 after" in done.findings[1]
    )
    assert "CSMS" not in done.findings[1]
    assert done.findings[2] == "No other command was sent that may write to the SIM."
    steps = {one.command for one in done.sent if one.changes is Changes.STEP}
    assert steps == {"(ESC)", "AT+CMGS=*", "AT+CNMA*"}
    assert "differ" not in "".join(done.findings)


def test_where_texts_and_attempts_differ_it_is_said_why_by_entries() -> None:
    log = SmallLog()
    log.begin()
    log.list_of(*((number, TEXT) for number in NUMBERS))
    start = log.add(Kind.START, {"recipients": 3})
    log.sent(1)
    log.sent(2)
    log.add(Kind.START, {"recipients": 1, "uncertain": 1})
    log.add(Kind.STOP, {"exit": 0})
    log.head()
    (said,) = [one for one in method(story_of(log), {"a": DIALOGUE}, mask_number).findings if "differ" in one]
    assert "differ by 1" in said
    assert f"the run that began with entry {start}, which has no `stop`" in said
    (none,) = [one for one in method(story_of(whole()), {"a": DIALOGUE}, mask_number).findings if "differ" in one]
    assert "no entry says why" in none


def test_runs_of_several_hosts_that_overlap_have_each_its_end() -> None:
    log = SmallLog()
    log.begin()
    log.list_of(*((number, TEXT) for number in NUMBERS))
    one, other = log.session, log.add(Kind.SESSION, {"host": "bench-2"})
    for session in (one, other):
        log.session = session
        log.add(Kind.START, {"recipients": 3})
    log.sent(1)
    log.sent(2)
    for session in (one, other):
        log.session = session
        log.add(Kind.STOP, {"exit": 0})
    log.head()
    said = " ".join(method(story_of(log), {"a": DIALOGUE}, mask_number).findings)
    assert "differ by 1" in said
    assert "has no `stop`" not in said


def test_what_was_done_to_bring_a_modem_back_is_told() -> None:
    log = SmallLog()
    log.begin()
    log.add(Kind.NOTE, {"person": None, "what": "recovery", "reason": "radio off and on"})
    log.head()
    assert any("radio off and on" in one for one in method(story_of(log), {}, mask_number).findings)


def test_the_lines_own_number_is_shown_as_the_pack_shows_numbers() -> None:
    for page in pages(told(DIALOGUE)):
        assert "+447*****0901" in page
        assert "89440000000000000010" in page
        assert "+447700900901" not in page


def test_every_command_that_gsmsend_can_send_is_in_the_table() -> None:
    """By the profiles and the sources of the driver of AT modems: all that stands there as a command."""
    import re

    found: set[str] = set()
    package = resources.files("gsmsend_atmodem")
    for folder in (package, package.joinpath("profiles")):
        for file in folder.iterdir():
            if file.name.endswith((".py", ".toml")):
                text = file.read_text(encoding="utf-8")
                text = "\n".join(
                    line for line in text.splitlines() if not line.lstrip().startswith(("#", "why", "source"))
                )
                found |= set(re.findall(r"""["'](AT(?:[+^#!*][A-Z]+[^'"\s]*|[EVIS]\d[^'"\s]*)?)["'{=]""", text))
    assert len(found) > 40
    names = {"AT+CREG", "AT+CEREG", "AT+CGREG"}  # asked with a `?` or `=1` behind them
    found -= {"AT+CGM", "AT+GM"}  # beginnings, to tell which answers say who made it
    told_of = {one if one not in names else f"{one}?" for one in found if "\\" not in one and "(" not in one}
    told_of |= {f"AT+{name}?" for name in SETTINGS}
    unknown = [one.command for one in counted(told_of) if one.changes is Changes.UNKNOWN]
    assert unknown == []


def test_the_table_says_of_each_command_what_it_does_and_where_that_stands() -> None:
    text = resources.files("gsmsend").joinpath("data", "commands.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert len(rows) == len({row["command"] for row in rows}) == len(known())
    assert all(row["what"].endswith(".") and row["clause"] for row in rows)
