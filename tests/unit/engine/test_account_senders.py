"""An account may not send under the number of a line: no text looks as if it came from where it did not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend.config import LineTerms, Settings
from gsmsend.contract import Endpoint, LineRow
from gsmsend.engine.identifying import check, line_of_sender
from gsmsend.errors import GuardStop
from gsmsend.model import Device, Facts
from gsmsend.testing.scripted import Desk

RED = Settings(
    folder=Path(), name="test", lines={"red-phone": LineTerms("red-phone", number="+447700900901")}
)  # fmt: skip


def line(number: str, *, cloud: bool = False) -> LineRow:
    return LineRow(
        7, "sim-0017", "8944000000000000017", None, None, "", number, "up", None, "", 0, "", cloud=cloud
    )  # fmt: skip


@pytest.mark.parametrize(
    "account",
    [
        "twilio AC00000000000000000000000000000000 from +447700900901",
        "gsmsend at smpp.example.org:2775 from 447700900901",
        "gsmsend at smpp.example.org:2775 from 00447700900901",
        "vonage abcd1234 from 07700900901",
        "vonage abcd1234 from +44 7700 900-901",
    ],
)
def test_the_number_of_a_line_is_known_however_it_is_written(account: str) -> None:
    assert line_of_sender(RED, [], account) == "red-phone"


@pytest.mark.parametrize(
    "account",
    [
        "twilio AC00000000000000000000000000000000 from +447700900902",
        "vonage abcd1234 from ExamplePol",
        "vonage 00900901 from 900901",  # a short code
        "notify service 8e222534-7f05-4972-86e3-17c5d9f894e2",
        "aws 000000000000 eu-west-2 sms-voice-v2 from a sender that AWS chooses",
        "",
    ],
)
def test_a_sender_of_its_own_is_none(account: str) -> None:
    assert line_of_sender(RED, [], account) == ""


def test_lines_that_the_store_knows_count_and_other_accounts_do_not() -> None:
    here = Settings(folder=Path(), name="test")
    account = "twilio AC00000000000000000000000000000000 from +447700900901"
    assert line_of_sender(here, [line("+447700900901")], account) == "sim-0017"
    assert line_of_sender(here, [line("+447700900901", cloud=True)], account) == ""


@pytest.mark.parametrize("lab", [True, False])
def test_such_an_account_is_no_line(bench: Desk, lab: bool) -> None:
    facts = Facts(Device("cloud", "cloud", account="cloud AC0001 from +447700900901"))
    settings = replace(RED, lab=lab)
    with pytest.raises(GuardStop, match="sends under the number of the line red-phone; nothing was sent"):
        check(settings, bench.store, Endpoint("cloud", "cloud", cloud=True), facts, None)
    own = replace(facts, device=replace(facts.device, account="cloud AC0001 from ExamplePol"))
    check(settings, bench.store, Endpoint("cloud", "cloud", cloud=True), own, None)
