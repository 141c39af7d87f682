"""What is in a pack of each variant, and what is not; that it can be checked, and is the same each time."""

from __future__ import annotations

import base64
import csv
import io
import json
import sys
import zipfile
from dataclasses import replace

import pytest

from gsmsend.audit import Kind
from gsmsend.campaign.signing import public_hex
from gsmsend.contract.chronicle import StoredMessage
from gsmsend.errors import UsageError
from gsmsend.evidence.entries import last_of
from gsmsend.evidence.story import tell
from gsmsend.evidence.terms import Terms, Variant
from gsmsend.masking import FORGOTTEN
from tests.unit.evidence.small_log import (
    ID,
    NUMBERS,
    OPERATION,
    OWN_TEXT,
    REPLY,
    REPLY_WITH_NUMBER,
    SOURCE,
    SUBMIT,
    TEXT,
    SmallLog,
    checked,
    entries_of,
    made,
    material,
    pack,
    story_of,
    whole,
)

Pack = dict[str, bytes]
LOG = whole()
EVERY = [(Variant.FULL, False), (Variant.REDACTED, False), (Variant.DISCLOSURE, False), (Variant.DISCLOSURE, True)]


def spread(files: Pack) -> bytes:
    """All octets of a pack, a workbook's unpacked; but those of the programs in it."""
    found = [octets for name, octets in files.items() if name not in ("verify.py", "recipients.xlsx")]
    with zipfile.ZipFile(io.BytesIO(files["recipients.xlsx"])) as book:
        found += [book.read(name) for name in book.namelist()]
    return b"\n".join(found)


def table(files: Pack, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(("variant", "unmask"), EVERY)
def test_every_variant_is_right_by_its_own_checked(variant: Variant, unmask: bool) -> None:
    found = checked(pack(LOG, variant, unmask=unmask))
    assert found.wrong == []


@pytest.mark.parametrize(("variant", "unmask"), EVERY)
def test_the_same_log_gives_the_same_octets(variant: Variant, unmask: bool) -> None:
    assert pack(LOG, variant, unmask=unmask) == pack(LOG, variant, unmask=unmask)


def test_a_full_pack_has_all_that_is_on_record() -> None:
    files = pack(LOG)
    octets = spread(files)
    for wanted in (*NUMBERS, TEXT, OWN_TEXT, REPLY, REPLY_WITH_NUMBER, SUBMIT):
        assert wanted.encode() in octets
    people = table(files, "recipients.csv")
    assert [row["state"] for row in people] == ["delivered", "queued", "sent"]
    assert [row["number"] for row in people] == [f"'{number}" for number in NUMBERS]
    assert people[0]["TP-Status"].startswith("0x00")
    assert people[0]["TP-MR or handle"] == "7"
    said = [row["it says"] for row in table(files, "pdus.csv")]
    assert said[0].startswith("SMS-SUBMIT to +447700900101")
    assert files["config/entry-4.toml"] == b"lab = false\n"
    assert json.loads(json.loads(files["approvals.json"])[0]["content"])["recipients"]["count"] == 3
    assert json.loads(files["devices.json"])[0]["iccid"] == "89440000000000000010"


@pytest.mark.parametrize("variant", [Variant.REDACTED, Variant.DISCLOSURE])
def test_nobodys_number_or_name_is_in_a_masked_pack(variant: Variant) -> None:
    octets = spread(pack(LOG, variant))
    for number in NUMBERS:
        for form in (number, number[1:], "0" + number[3:], number[3:]):
            assert form.encode() not in octets
    swapped = "".join(b + a for a, b in zip(NUMBERS[0][1::2], NUMBERS[0][2::2], strict=True))
    for absent in (REPLY_WITH_NUMBER, "Sam +44", SUBMIT, swapped, "07700 900 555"):
        assert absent.encode() not in octets


@pytest.mark.parametrize(("variant", "unmask"), EVERY)
def test_only_who_sees_numbers_gets_what_they_could_be_guessed_with(variant: Variant, unmask: bool) -> None:
    files = pack(LOG, variant, unmask=unmask)
    shown = {name for line in files["secrets.jsonl"].splitlines() for name in json.loads(line)["sealed"]}
    numbers = variant is Variant.FULL or unmask
    assert shown & {"salt", "digest"} == ({"salt", "digest"} if numbers else set())
    assert (b"5a" * 32 in spread(files)) is numbers


def test_a_redacted_pack_shows_the_text_that_all_had_and_no_reply() -> None:
    log = SmallLog()
    log.begin()
    log.list_of((NUMBERS[0], TEXT), (NUMBERS[1], TEXT))
    log.head()
    assert TEXT.encode() in spread(pack(log, Variant.REDACTED))
    files = pack(LOG, Variant.REDACTED)
    octets = spread(files)
    assert REPLY.encode() not in octets
    assert OWN_TEXT.encode() not in octets  # one person alone had it, and it names that person
    assert [row["number"] for row in table(files, "recipients.csv")] == ["(not shown)"] * 3
    assert [row["reference"] for row in table(files, "recipients.csv")] == ["R0001", "R0002", "R0003"]
    assert not [name for name in files if name.startswith("transcripts/")]


def test_a_disclosure_lists_people_by_reference_with_masked_numbers() -> None:
    files = pack(LOG, Variant.DISCLOSURE)
    assert [row["number"] for row in table(files, "recipients.csv")] == [
        "'+447*****0101", "'+447*****0102", "'+447*****0103",
    ]  # fmt: skip
    replies = table(files, "received.csv")
    assert [row["text"] for row in replies] == [REPLY, "(not shown)"]
    assert [row["answers"] for row in replies] == ["R0001", "R0001"]
    unmasked = spread(pack(LOG, Variant.DISCLOSURE, unmask=True))
    assert NUMBERS[0].encode() in unmasked


def test_a_list_of_people_who_must_not_be_texted_is_not_disclosed() -> None:
    log = whole()
    log.rows.pop()
    other = "+447700900177"
    log.add(Kind.SUPPRESS, {"person": "dc", "reason": "asked", "list": "never", "count": 1}, {"numbers": [other]})
    log.head()
    assert other.encode() not in spread(pack(log, Variant.DISCLOSURE, unmask=True))
    assert other.encode() in spread(pack(log))


@pytest.mark.parametrize(("variant", "unmask"), EVERY)
def test_a_summary_says_whose_it_is_how_far_the_log_went_and_how_it_is_checked(
    variant: Variant, unmask: bool
) -> None:
    page = pack(LOG, variant, unmask=unmask)["summary.html"].decode()
    for words in (ID, material(LOG).head, "is checked with its verify.py", "Times are those of Europe/London"):
        assert words in page
    if variant is Variant.REDACTED:  # as exact as the tables beside it
        assert "rounded" not in page
        assert "fewer than 5" not in page


@pytest.mark.parametrize(("variant", "unmask"), EVERY)
def test_what_people_typed_is_in_no_redacted_pack_and_no_number_of_it_in_a_disclosure(
    variant: Variant, unmask: bool
) -> None:
    """Names of lists, and reasons; why somebody is suppressed with no number, even where numbers are shown."""
    log = whole()
    log.rows.pop()
    never = {"person": "dc", "list": "never", "count": 1, "messages": [2], "state": "suppressed", "why": "listed"}
    log.add(Kind.SUPPRESS, never, {"numbers": [NUMBERS[1]], "reason": "a witness"}, 1)
    log.add(Kind.SUPPRESS, never, {"numbers": [NUMBERS[1]], "reason": "rang from 07700 900 777"}, 1)
    log.add(Kind.NOTE, {"person": "dc", "what": "x"}, {"reason": "rang from 07700 900 888"}, 1)
    log.head()
    files = pack(log, variant, unmask=unmask)
    octets, full = spread(files), variant is Variant.FULL
    assert checked(files).wrong == []
    for words, shown in (
        (SOURCE, variant is not Variant.REDACTED), ("a witness", variant is not Variant.REDACTED),
        ("07700 900 777", full), ("07700 900 888", full or unmask),
    ):  # fmt: skip
        assert (words.encode() in octets) is shown, words
    lists = {row["list"] for row in table(files, "recipients.csv")}
    assert lists == ({"list 1"} if variant is Variant.REDACTED else {SOURCE})
    assert table(files, "recipients.csv")[1]["why"] == "listed"


def test_a_forgotten_campaign_is_exported_and_checked() -> None:
    log = whole()
    log.rows.pop()
    log.add(Kind.FORGET, {"campaign": 1, "by": "dc", "reason": "retention", "destroyed": "2026-11-22T00:00:00Z"})
    log.rows = [
        replace(row, secrets=None, forgotten=True) if row.campaign_id == 1 and row.secrets else row
        for row in log.rows
    ]
    log.head()
    wanted = material(log)
    gone = replace(wanted.results[1], replies=(), texts=())
    files = made(replace(wanted, results={1: gone}))
    found = checked(files)
    assert found.wrong == []
    assert any("were destroyed on purpose" in line for line in found.notes)
    people = table(files, "recipients.csv")
    assert [row["number"] for row in people] == [FORGOTTEN] * 3
    assert [row["state"] for row in people] == ["delivered", "queued", "sent"]
    for number in NUMBERS:
        assert number.encode() not in spread(files)


def test_no_cell_is_a_formula() -> None:
    files = pack(LOG)
    for name in ("recipients.csv", "texts.csv", "received.csv", "pdus.csv"):
        for row in table(files, name):
            assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t"))]
    with zipfile.ZipFile(io.BytesIO(files["recipients.xlsx"])) as book:
        pages = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert pages
    assert not any(b"<f>" in page for page in pages)


def test_what_a_stranger_wrote_is_no_markup_in_a_page() -> None:
    page = pack(LOG)["method.html"]
    assert b"<b>Modem</b>" not in page
    assert b"&lt;b&gt;Modem" in page


def test_a_pack_goes_up_to_the_head_after_the_last_change() -> None:
    """Looking, showing, exporting and signing again change nothing; a change needs another head."""
    log = whole()
    end = len(log.rows)
    for kind in (Kind.SESSION, Kind.UNMASK, Kind.EXPORT):
        log.add(kind, {})
    log.head()
    assert last(log) == end
    assert pack(log) == pack(LOG)
    log.add(Kind.PAUSE, {"campaign": 1, "person": "dc", "reason": "rest"})
    assert last(log) is None
    log.head()
    assert last(log) == len(log.rows)


def last(log: SmallLog) -> int | None:
    return last_of((row.number, row.kind) for row in log.rows)


def test_a_time_stamp_of_that_head_goes_with_it() -> None:
    log = whole()
    head = json.loads(log.rows[-1].line)["data"]
    token = base64.b64encode(b"0\x00" + bytes.fromhex(head["hash"])).decode()
    log.add(Kind.SESSION, {})
    log.add(Kind.TIMESTAMP, {"head": head["head"], "hash": head["hash"], "service": "x", "token": token})
    log.add(Kind.UNMASK, {})
    log.add(Kind.TIMESTAMP, {"head": head["head"], "hash": head["hash"], "service": "late", "token": token})
    files = pack(log)
    assert files[f"timestamps/head-{head['head']}.tst"] == b"0\x00" + bytes.fromhex(head["hash"])
    assert b"openssl ts -verify" in files["README.txt"]
    found = checked(files)
    assert found.wrong == []
    assert any("a third party in the log: 1." in line and "not checked here" in line for line in found.notes)
    assert "timestamps/ca.pem" not in files
    assert b"There is no time stamp" in pack(LOG)["README.txt"]
    assert made(replace(material(log), stamp_ca=b"PEM"))["timestamps/ca.pem"] == b"PEM"


def test_one_campaign_of_two_shows_nothing_of_the_other() -> None:
    log = SmallLog()
    log.begin()
    log.list_of((NUMBERS[0], TEXT))
    log.list_of((NUMBERS[1], "Another text"), campaign=2, name="second")
    log.head()
    wanted = material(log)
    only = replace(wanted.terms, campaigns=frozenset({2}), whole=False)
    results = {2: replace(wanted.results[1], campaign="second", texts=(), replies=())}
    files = made(replace(wanted, terms=only, results=results))
    assert checked(files).wrong == []
    octets = spread(files)
    assert NUMBERS[1].encode() in octets
    assert NUMBERS[0].encode() not in octets
    assert TEXT.encode() not in octets
    assert json.loads(files["totals.json"]) == {"2": {"draft": 1}}


def test_answers_to_replies_belong_to_the_campaign_that_they_answer() -> None:
    log = whole()
    log.rows.pop()
    log.add(
        Kind.ANSWER,
        {"message": 4, "campaign": 2, "name": "main: answers to replies", "to": 1, "state": "queued"},
        {"number": NUMBERS[0], "text": "Thanks"},
        1,
    )
    log.sent(4, reference=9)
    log.head()
    story = story_of(log)
    assert story.family(1) == [1, 2]
    assert story.log.messages[4].number == NUMBERS[0]
    assert story.names[2] == "main: answers to replies"
    assert checked(pack(log)).wrong == []


@pytest.mark.parametrize(("variant", "unmask"), EVERY)
def test_messages_older_than_the_log_are_told_by_the_store(variant: Variant, unmask: bool) -> None:
    """Numbers, texts and campaign from the tables, and said so; what came since is counted, what was is told."""
    log = SmallLog()
    before = {"attempts": 3, "inbound": 0, "reports": 1}
    log.add(Kind.OPERATION, {"format": 1, "id": ID, "public_key": public_hex(OPERATION), "before": before})
    log.add(Kind.SESSION, {})
    log.add(Kind.CONFIG, {"config": "cd", "was": None, "settings": {}}, {"toml": "lab = false\n"})
    found = {"messages": [[1, 3]], "state": "queued", "why": "found when the audit log was begun"}
    log.add(Kind.MOVE, found)
    log.sent(2)
    log.head()
    stored = [StoredMessage(at, 5, "before", number, 9, TEXT) for at, number in enumerate(NUMBERS, 1)]
    story = tell(entries_of(log), stored)
    wanted = material(log, variant, unmask=unmask)
    terms = Terms(variant, frozenset({5}), unmask=unmask)
    files = made(replace(wanted, story=story, terms=terms, results={}))
    judged = checked(files)
    assert judged.wrong == []
    assert any("older than the log (3 attempts, 1 reports not in it)" in one for one in judged.notes)
    people = table(files, "recipients.csv")
    assert [(row["campaign"], row["state"], row["attempts"], row["told by"]) for row in people] == [
        ("before", "queued", "", "store"), ("before", "sent", "1", "store"), ("before", "queued", "", "store"),
    ]  # fmt: skip
    assert (people[0]["number"] == f"'{NUMBERS[0]}") is (variant is Variant.FULL or unmask)
    assert json.loads(files["totals.json"]) == {"5": {"queued": 2, "sent": 1}}
    assert b"3 messages are older than the audit log" in files["README.txt"]
    forged = files | {"recipients.csv": files["recipients.csv"].replace(b"queued", b"failed")}
    assert any("another 'state'" in one for one in checked(forged).wrong)


def test_a_pdf_that_cannot_be_made_names_what_to_install_or_leave_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match="a PDF cannot be made here") as caught:
        made(replace(material(LOG), pdf=True))
    assert "gsmsend[pdf]" in caught.value.remedy
    assert "--without-pdf" in caught.value.remedy


def test_what_a_provider_calls_a_part_and_says_of_it_is_in_every_pack() -> None:
    log = SmallLog()
    log.begin()
    (message,) = log.list_of((NUMBERS[0], TEXT))
    line = {"line": 1, "name": "notify-1a2b3c", "iccid": None, "imsi": None, "account": "notify DC Example"}
    log.add(Kind.LINE, line)
    about = {"message": message, "part": 1}
    key, handle = "ab" * 16, "=740e5834-3a29"
    log.add(Kind.ATTEMPT, {"attempt": 1, **about, "line": 1, "key": key}, {"pdu": f'{{"to": "{NUMBERS[0]}"}}'}, 1)
    came_of = {"outcome": "accepted", "refusal": None, "reference": None, "code": None, "raw": ""}
    log.add(Kind.OUTCOME, {"attempt": 1, **about, **came_of, "handle": handle, "state": "sent", "why": ""})
    said = {"report": 1, "line": 1, "reference": None, "status": 0x46, "how": "poll", "handle": handle}
    said |= {"said": "permanent-failure", **about, "state": "undelivered"}
    log.add(Kind.REPORT, said, {"pdu": "{}", "recipient": ""}, 1)
    log.head()
    for variant, unmask in EVERY:
        files = pack(log, variant, unmask=unmask)
        assert checked(files).wrong == []
        assert NUMBERS[0].encode() not in spread(files) or variant is Variant.FULL or unmask
        (person,) = table(files, "recipients.csv")
        assert (person["TP-MR or handle"], person["provider's word"]) == (f"'{handle}", "permanent-failure")
        assert person["TP-Status"] == ""
        handed, report = table(files, "pdus.csv")
        assert (handed["known as"], report["known as"]) == (key, f"'{handle}")
        assert report["provider's word"] == "permanent-failure"
    files = pack(log)
    handed, report = table(files, "pdus.csv")
    assert "cannot be read" not in handed["it says"] + report["it says"]
    assert (
        "permanent-failure; that is its own word, no TP-Status; gsmsend reads it as: undelivered"
        in (report["it says"])
    )
    assert "0x46" not in report["it says"]
    assert b"notify DC Example" in files["devices.json"]
