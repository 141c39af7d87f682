"""Command lines, results and line editing (V.250)."""

from __future__ import annotations

import pytest

from tests.unit.virtual.talk import OK, Talk


def test_a_command_is_echoed_and_answered_in_v250_framing() -> None:
    talk = Talk(echo=True)
    assert talk.say("AT") == "AT\r\r\nOK\r\n"
    assert talk.say("ATE0") == "ATE0\r\r\nOK\r\n"
    assert talk.say("AT") == OK


def test_echo_comes_as_it_is_typed() -> None:
    talk = Talk(echo=True)
    assert [talk.type(char) for char in "AT"] == ["A", "T"]
    assert talk.type("\r") == "\r\r\nOK\r\n"


@pytest.mark.parametrize("line", ["at", "At", "AT", "\nAT", "  AT", "noise AT", "AT "])
def test_case_and_what_stands_before_at_do_not_matter(line: str) -> None:
    assert Talk().say(line) == OK


def test_a_line_without_at_gets_no_answer() -> None:
    talk = Talk()
    assert talk.say("HELLO") == ""
    assert talk.say("AT") == OK


def test_commands_can_share_a_line_and_blanks_do_not_matter() -> None:
    talk = Talk()
    assert talk.say("AT +CMEE = 1 ; +CREG ?") == "\r\n+CREG: 0,1\r\n" + OK
    assert talk.say("ATE0V1Q0+CMEE?;+CMGF?") == "\r\n+CMEE: 1\r\n\r\n+CMGF: 0\r\n" + OK


def test_a_line_stops_at_its_first_failure() -> None:
    talk = Talk()
    assert talk.say("AT+CMGF=1;+NONSENSE;+CMGF=0") == "\r\nERROR\r\n"
    assert "+CMGF: 1" in talk.say("AT+CMGF?")


def test_a_slash_repeats_the_last_line_without_a_carriage_return() -> None:
    talk = Talk()
    talk.say("AT+CSQ")
    assert talk.type("A/") == "\r\n+CSQ: 24,99\r\n" + OK


def test_backspace_takes_back_a_character() -> None:
    talk = Talk()
    assert talk.say("AT+CSX\bQ") == "\r\n+CSQ: 24,99\r\n" + OK
    assert talk.say("ATS5=127") == OK
    assert talk.say("AT+CSX\x7fQ") == "\r\n+CSQ: 24,99\r\n" + OK


def test_s3_and_s4_change_how_lines_end() -> None:
    talk = Talk()
    assert talk.say("ATS4=13") == "\r\rOK\r\r"
    assert talk.say("ATS4=10") == OK
    talk.say("ATS3=30")
    assert talk.type("ATS3?\x1e") == "\x1e\n030\x1e\n\x1e\nOK\x1e\n"


def test_v0_gives_numbers_and_q1_nothing() -> None:
    talk = Talk()
    assert talk.say("ATV0") == "0\r"
    assert talk.say("AT+CSQ") == "+CSQ: 24,99\r\n0\r"
    assert talk.say("AT+NONSENSE") == "4\r"
    assert talk.say("AT+CMGS=1000") == "+CMS ERROR: 304\r"
    talk.say("ATV1")
    assert talk.say("ATQ1") == ""
    assert talk.say("AT+CSQ") == "\r\n+CSQ: 24,99\r\n"
    assert talk.say("ATQ0") == OK


def test_errors_are_as_full_as_cmee_asks() -> None:
    talk = Talk()
    talk.modem.insert(None)
    assert talk.say("AT+CPIN?") == "\r\nERROR\r\n"
    talk.say("AT+CMEE=1")
    assert talk.say("AT+CPIN?") == "\r\n+CME ERROR: 10\r\n"
    assert talk.say("AT+CMGL=4") == "\r\n+CMS ERROR: 310\r\n"
    talk.say("AT+CMEE=2")
    assert talk.say("AT+CPIN?") == "\r\n+CME ERROR: SIM not inserted\r\n"
    assert talk.say("AT+CMGL=4") == "\r\n+CMS ERROR: (U)SIM not inserted\r\n"


@pytest.mark.parametrize("line", ["ATZ", "AT&F", "ATZ0"])
def test_reset_brings_the_defaults_back(line: str) -> None:
    talk = Talk()
    talk.say("AT+CMGF=1;+CMEE=2;+CNMI=2,1,0,1,0")
    assert OK in talk.say(line)
    assert "+CMGF: 0" in talk.say("AT+CMGF?;+CMEE?")
    assert "+CNMI: 0,0,0,0,0" in talk.say("AT+CNMI?")


def test_commands_sent_ahead_wait_their_turn() -> None:
    talk = Talk()
    assert talk.type("AT+CSQ\rAT+CMGF?\r\nAT\r") == ("\r\n+CSQ: 24,99\r\n" + OK + "\r\n+CMGF: 0\r\n" + OK + OK)


def test_an_unsolicited_line_does_not_tear_a_half_typed_command() -> None:
    talk = Talk()
    talk.type("AT+C")
    talk.modem.urc("RING")
    assert talk.heard() == ""
    assert talk.type("SQ\r") == "\r\n+CSQ: 24,99\r\n" + OK + "\r\nRING\r\n"


def test_an_unsolicited_line_waits_a_second_at_most_for_a_client_that_stopped_typing() -> None:
    talk = Talk()
    talk.type("AT+C")
    talk.modem.urc("RING")
    assert talk.wait(0.9) == ""
    assert talk.wait(0.2) == "\r\nRING\r\n"


def test_every_setting_answers_its_read_and_takes_what_it_offers() -> None:
    talk = Talk()
    talk.say("AT+CMEE=1")
    for name, setting in talk.modem.settings.items():
        if name in ("+CSMS", "+CSCS", "+CSMP", "+CGDCONT", "+CREG", "+CGREG", "+CEREG"):
            continue
        shown = talk.say(f"AT{name}?")
        assert shown.startswith(f"\r\n{name}: "), shown
        values = shown.removeprefix(f"\r\n{name}: ").split("\r\n")[0]
        assert talk.say(f"AT{name}={values}") == OK, (name, values)
        if setting.test:
            assert talk.say(f"AT{name}=?").startswith(f"\r\n{name}: ("), name


def test_a_value_out_of_range_is_refused() -> None:
    talk = Talk()
    talk.say("AT+CMEE=1")
    assert talk.say("AT+CREG=9") == "\r\n+CME ERROR: 50\r\n"
    assert talk.say("AT+CMGF=2") == "\r\n+CMS ERROR: 303\r\n"
    assert talk.say("AT+CNMI=2,1,9") == "\r\n+CMS ERROR: 303\r\n"
    assert "+CREG: 0,1" in talk.say("AT+CREG?")


def test_clac_lists_what_is_there_and_nothing_else() -> None:
    talk = Talk()
    lines = talk.say("AT+CLAC").split("\r\n")
    assert {"AT+CMGS", "AT+CNMI", "AT+CPIN"} <= set(lines)
    assert not [line for line in lines if line.startswith(("AT^", "AT+Q"))]
