"""An account may not send under the number of a line: no text looks as if it came from where it did not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend.config import LineTerms, Settings
from gsmsend.contract import Endpoint, LineRow
from gsmsend.engine.identifying import check, line_of_sender, line_without_number
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


NUMERIC = "gsmsend at smpp.example.org:2775 from +447700900777"
CLOUD = Endpoint("cloud", "cloud", cloud=True)


def unnumbered(name: str = "sim-0017") -> LineRow:
    return replace(line(""), name=name, number=None)


def test_a_number_may_be_that_of_a_line_whose_own_is_not_known() -> None:
    here = Settings(folder=Path(), name="test")
    assert line_without_number(here, [unnumbered()], NUMERIC) == "sim-0017"
    assert line_without_number(here, [unnumbered()], "vonage abcd1234 from ExamplePol") == ""
    assert line_without_number(here, [unnumbered()], "vonage 00900901 from 900901") == ""
    assert line_without_number(here, [unnumbered()], "notify service 8e222534-7f05-4972-86e3-17c5d9f894e2") == ""
    assert line_without_number(here, [line("+447700900901")], NUMERIC) == ""
    assert line_without_number(here, [replace(unnumbered(), cloud=True)], NUMERIC) == ""


def test_a_number_is_known_once_the_config_says_it_of_the_sim_or_the_line() -> None:
    for terms in (
        LineTerms("red", iccid="8944000000000000017", number="+447700900901"),
        LineTerms("sim-0017", number="+447700900901"),
    ):
        here = Settings(folder=Path(), name="test", lines={terms.name: terms})
        assert line_without_number(here, [unnumbered()], NUMERIC) == ""
    silent = LineTerms("red", iccid="8944000000000000017")
    here = Settings(folder=Path(), name="test", lines={"red": silent})
    assert line_without_number(here, [unnumbered()], NUMERIC) == "red"
    assert line_without_number(here, [], NUMERIC) == "red"
    assert line_without_number(here, [line("+447700900901")], NUMERIC) == ""


def test_such_an_account_waits_until_the_lines_number_is_said(bench: Desk) -> None:
    facts = Facts(Device("cloud", "cloud", account=NUMERIC))
    settings = Settings(
        folder=Path(), name="test", lab=False, lines={"red": LineTerms("red", imsi="001010000000017")}
    )
    with pytest.raises(GuardStop, match="that of the line red is not known, so it may be the same") as stop:
        check(settings, bench.store, CLOUD, facts, None)
    assert "[line.red]" in stop.value.remedy
    check(replace(settings, lab=True), bench.store, CLOUD, facts, None)
    known = {"red": LineTerms("red", imsi="001010000000017", number="+447700900901")}
    check(replace(settings, lines=known), bench.store, CLOUD, facts, None)


def test_a_handset_that_hides_its_sim_is_not_one_of_modems_sims(bench: Desk) -> None:
    facts = Facts(Device("android", "R58M000000A", account="R58M000000A slot 1"))
    settings = Settings(folder=Path(), name="test", lab=False, sims=("8944000000000000017",))
    endpoint = Endpoint("android", "R58M000000A")
    with pytest.raises(GuardStop, match="does not tell which SIM texts would leave from") as stop:
        check(settings, bench.store, endpoint, facts, None)
    assert 'add "R58M000000A slot 1" to modems.sims' in stop.value.remedy
    check(replace(settings, lab=True), bench.store, endpoint, facts, None)
    check(replace(settings, sims=(*settings.sims, "R58M000000A slot 1")), bench.store, endpoint, facts, None)
    check(
        settings, bench.store, CLOUD, replace(facts, device=Device("cloud", "cloud", account="AC1 as Help")), None
    )
