"""What modems answer to questions, in the forms that makers give it."""

from __future__ import annotations

import pytest

from gsmsend.at import replies
from gsmsend.model import Registration


@pytest.mark.parametrize(
    "line",
    [
        "+CCID: 8944110000000000017", "8944110000000000017", '+CCID: "8944110000000000017F"',
        "^ICCID: 8944110000000000017",
        "+ICCID:8944110000000000017", "+QCCID: 8944110000000000017F", "#CCID: 8944110000000000017",
        "SCID SIM Card: 8944110000000000017",
    ],
)  # fmt: skip
def test_iccid_in_all_forms(line: str) -> None:
    assert replies.iccid([line]) == "8944110000000000017"


def test_iccid_read_raw_from_the_sim_is_in_semi_octets() -> None:
    assert replies.iccid(['+CRSM: 144,0,"984411000000000010F7"']) == "8944110000000000017"


def test_iccid_of_twenty_digits() -> None:
    assert replies.iccid(["+CCID: 89440000000000000010"]) == "89440000000000000010"
    assert replies.iccid(['+CRSM: 144,0,"98440000000000000001"']) == "89440000000000000010"


@pytest.mark.parametrize("line", ["ERROR", "490154203237518", "+CRSM: 106,130", "+CCID: ", "001010000000001"])
def test_what_is_no_iccid_is_none(line: str) -> None:
    assert replies.iccid([line]) is None


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["Quectel"], "Quectel"), (['+CGMI: "Telit"'], "Telit"), (["+CGMI: huawei"], "huawei"),
        (["^RSSI: 3", "huawei"], "huawei"), ([], ""), (["^RSSI: 3"], ""),
    ],
)  # fmt: skip
def test_identity_with_and_without_prefix(lines: list[str], answer: str) -> None:
    assert replies.plain(lines, "+CGMI:") == answer


def test_imei_and_imsi_are_found_among_other_lines() -> None:
    assert replies.longest_digits(['+GSN: "490154203237518"'], 14, 17) == "490154203237518"
    assert replies.longest_digits(["^RSSI: 12", "001010000000001"], 14, 15) == "001010000000001"
    assert replies.longest_digits(["12345"], 14, 15) is None


@pytest.mark.parametrize(
    ("line", "dbm"),
    [("+CSQ: 0,99", -113), ("+CSQ: 20,99", -73), ("+CSQ: 31,0", -51), ("+CSQ: 99,99", None), ("+CSQ:7,99", -99),
     ("+CSQ: 150,99", -66), ("+CSQ: x", None)],
)  # fmt: skip
def test_signal_in_dbm(line: str, dbm: int | None) -> None:
    assert replies.signal_dbm([line]) == dbm


@pytest.mark.parametrize(
    ("line", "read", "state"),
    [
        ("+CREG: 0,1", True, Registration.HOME), ('+CREG: 2,5,"00C3","1A2B",7', True, Registration.ROAMING),
        ("+CREG: 1", False, Registration.HOME), ("+CEREG: 5", False, Registration.ROAMING),
        ("+CREG: 2,0", True, Registration.NOT_SEARCHING), ("+CREG: 2", False, Registration.SEARCHING),
        ("+CREG: 0,3", True, Registration.DENIED), ("+CREG: 0,6", True, Registration.HOME),
        ("+CREG: 0,77", True, Registration.UNKNOWN), ("+CREG: ", True, None), ("+CREG: a,b", True, None),
    ],
)  # fmt: skip
def test_registration(line: str, read: bool, state: Registration | None) -> None:
    assert replies.registration(line, read=read) is state


def test_operator_and_own_number() -> None:
    assert replies.operator(['+COPS: 0,0,"A, B & Co",7']) == "A, B & Co"
    assert replies.operator(["+COPS: 0"]) == ""
    assert replies.own_number(['+CNUM: "Line 1","+447700900901",145']) == "+447700900901"
    assert replies.own_number(['+CNUM: ,"447700900901",145']) == "+447700900901"
    assert replies.own_number(['+CNUM: "","07700900901",129']) == "07700900901"
    assert replies.own_number(['+CNUM: "","",255']) is None
    assert replies.own_number([]) is None


def test_offers_and_memories() -> None:
    assert replies.offers("(0-3),(0,1),2,(0,2-4)") == [{0, 1, 2, 3}, {0, 1}, {2}, {0, 2, 3, 4}]
    assert replies.offers("(0-999999),(x)") == [set(), set()]
    assert replies.offers("") == []
    assert replies.memories('("SM","ME"),("SM"),"ME"') == [["SM", "ME"], ["SM"], ["ME"]]
