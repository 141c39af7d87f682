"""Target `lines`: what the AT modem driver makes of single lines. The first octet says what the others are.

Answers to questions, indications, transcripts to mask and to replay: nothing raises, but ValueError for what is
no transcript; and no number survives the masking.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import cast

from gsmsend.at import Final, Reply, Result, RuleTable, Unsolicited, replies
from gsmsend.at.unsolicited import answers, fits_body, in_text_mode, wants_body
from gsmsend.model import OutcomeKind, Registration
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem import routing, survey
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.inbox import Inbox
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.replay import Replay, unmasked
from gsmsend_atmodem.routing import Routing, Way
from gsmsend_atmodem.transcript import masked, reduced
from tests.fuzz.evidence import LONGEST_LINE

PROFILES = standard_profiles()
OK = Result(Final.OK)
REGISTRATION = ("AT+CREG?", "AT+CREG=?", "AT+CREG=1", "AT+CEREG?", "AT+CPIN?", "AT+CSQ", "AT")
_LONG_NUMBER = re.compile(r"\d{7,}")
_ESCAPED = re.compile(r"\\x[0-9a-f]{2}")
_FORM_OF_BODY = re.compile(r"\{(unreadable \d+|(DELIVER|SUBMIT) \d+|STATUS-REPORT \d+ mr=\d{1,3} st=\d{1,3})\}")


def fuzz(data: bytes) -> None:
    """Take the lines of `data[1:]`, as a session would give them, as what `data[0]` says."""
    if data:
        READERS[data[0] % len(READERS)](_lines(data[1:]))


def _lines(octets: bytes) -> list[str]:
    text = octets.replace(b"\0", b"").decode("latin-1")
    stripped = (line.strip(" \t\x1a\x1b") for line in re.split(r"[\r\n]+", text))
    return [line[:LONGEST_LINE] for line in stripped if line]


# -- answers ----------------------------------------------------------------------------------------


def _identity(lines: list[str]) -> None:
    maker, model = replies.plain(lines, "+CGMI:"), replies.plain(lines[::-1], "+CGMM:")
    profile = PROFILES.by_answers(maker, model)
    assert profile is None or profile in PROFILES.all
    imei = replies.longest_digits(lines, 14, 17)
    assert imei is None or 14 <= len(imei) <= 17
    iccid = replies.iccid(lines)
    assert iccid is None or (iccid.isdigit() and iccid.startswith("89") and 16 <= len(iccid) <= 21)
    number = replies.own_number(lines)
    assert number is None or number.lstrip("+").isdigit()


def _network(lines: list[str]) -> None:
    dbm = replies.signal_dbm(lines)
    assert dbm is None or -150 < dbm < 0
    for line in lines:
        for read in (False, True):
            state = replies.registration(line, read=read)
            assert state is None or isinstance(state, Registration)
    assert isinstance(replies.operator(lines), str)
    for result in (OK, Result(Final.CME, None, lines[0] if lines else "")):
        asked = _Asked(lines, result)
        assert isinstance(survey.sim_state(cast("Dialogue", asked), PROFILES.generic), str)


def _offers(lines: list[str]) -> None:
    asked = _Asked(lines)
    for profile in (PROFILES.generic, *PROFILES.all):
        offer = routing.read_offer(cast("Dialogue", asked), profile)
        for found in routing.candidates(offer, profile):
            assert found.memory != "SM", "the SIM's own memory is never used"
            assert all(re.fullmatch(r"AT\+CNMI=\d,\d,0,\d(,\d+)?", command) for command in found.commands)
    for line in lines:
        assert all(max(group, default=0) <= 255 for group in replies.offers(line))
    count = survey.read_count(cast("Dialogue", asked), PROFILES.generic)
    assert count is None or 0 <= count <= 255


class _Asked:
    """A dialogue in which every question has the same answer."""

    def __init__(self, lines: list[str], result: Result = OK) -> None:
        self._lines, self._result = tuple(lines), result

    def ask(self, command: str, _timeout_s: float) -> Reply:
        return Reply(command, self._lines, self._result)

    def now(self) -> float:
        return 0.0


def _tables(lines: list[str]) -> None:
    rules = RuleTable()
    for line in lines:
        rule = rules.find(line)
        if rule is not None:
            assert line.startswith(rule.prefix)
            assert wants_body(rule, line) in (True, False)
            assert not (in_text_mode(line) and not fits_body(line, "any words"))
        for command in REGISTRATION:
            assert not answers(line, command) or line.startswith(command[2:].rstrip("?=1"))


# -- indications ------------------------------------------------------------------------------------


def _indications(lines: list[str]) -> None:
    sink = RecordingSink()
    dialogue = cast("Dialogue", _Asked(lines))
    inbox = Inbox(sink, dialogue)
    inbox.routing = Routing(Way.ACKNOWLEDGED)
    rules = RuleTable()
    for line, body in zip_longest(lines, lines[1:]):
        rule = rules.find(line)
        inbox.hear(Unsolicited(rule.prefix if rule is not None else "", line, body))
    assert len(sink.receipts) <= len(lines)
    assert inbox.waiting == bool(sink.receipts), "what was taken in is acknowledged"
    inbox.attend(PROFILES.generic)
    assert not inbox.has_work
    check_sink(sink)


def check_sink(sink: RecordingSink) -> None:
    """What was handed over can be stored."""
    for report in sink.reports:
        assert report.reference is not None
        assert 0 <= report.reference <= 255
        assert 0 <= report.status <= 255
        report.recipient.encode()
    for inbound in sink.inbounds:
        (inbound.sender + inbound.text + inbound.raw).encode()
        assert inbound.concat is None or 1 <= inbound.concat[2] <= inbound.concat[1]


# -- transcripts ------------------------------------------------------------------------------------


def _masking(lines: list[str]) -> None:
    for line in lines:
        for kind, direction in (("line", "<"), ("echo", "<"), ("command", ">"), ("line", ">")):
            for free in (False, True):
                shown = masked(direction, kind, line, free=free)
                assert not _LONG_NUMBER.search(_ESCAPED.sub("?", shown)), "no number is left unmasked"
                assert "\n" not in shown
        assert _FORM_OF_BODY.fullmatch(reduced(line)), "a body shows its kind and length"
        assert re.fullmatch(r">p \{SUBMIT \d+\}", masked(">", "pdu", line))


def _writable(lines: list[str]) -> list[str]:
    """Without what no transcript has and the replay takes at its word: lengths of five digits and more, and
    reports with no reference.
    """
    short = (re.sub(r"(\d{4})\d+", r"\1", line) for line in lines)
    return [line for line in short if not re.search(r"\{STATUS-REPORT \d+\}", line)]


def _replayed(lines: list[str]) -> None:
    replay = Replay(PROFILES)
    try:
        result = replay.run(_writable(lines))
    except ValueError:
        return
    kinds = {kind.value for kind in OutcomeKind}
    assert all(each.removeprefix("late ").split()[0] in kinds for each in result.found)


def _unmasked(lines: list[str]) -> None:
    for line in _writable(lines):
        assert len(unmasked(line)) < LONGEST_LINE * 10_000


def _replayed_dialogue(lines: list[str]) -> None:
    """The same as a transcript whose times and signs are right."""
    signs = {">": ">", "<": "<", "=": "=", "{": "<b"}
    timed = [f"{at}.000 {signs.get(line[0], '<')} {line}" for at, line in enumerate(lines)]
    _replayed(["# gsmsend transcript 1", *timed])


READERS: tuple[Callable[[list[str]], None], ...] = (
    _identity, _network, _offers, _tables, _indications, _masking, _replayed, _unmasked, _replayed_dialogue,
)  # fmt: skip
