"""Every fault switch does what its words say."""

from __future__ import annotations

import pytest

from gsmsend.errors import UsageError
from gsmsend_virtual import faults
from gsmsend_virtual.codes import CMS_TEXTS
from gsmsend_virtual.timers import Timers
from gsmsend_virtual.wire import Wire
from tests.unit.virtual.talk import CTRL_Z, ESC, OK, Talk, armed

THEM = "+447700900123"
ME = "+447700900901"


# -- writing them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "no fault"),
        ("unplug:at=lunch", "none of"),
        ("late-prompt:s=soon", "no number"),
        ("refuse:code=x", "whole number"),
        ("refuse:colour=red", "has no 'colour'"),
    ],
)
def test_a_switch_that_cannot_be_is_refused_in_plain_words(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        faults.arm(Talk().bench, text)


def test_every_switch_is_listed_with_words_and_can_be_armed_and_disarmed() -> None:
    switches = faults.listing()
    assert len(switches) > 45
    for switch in switches:
        assert switch.words.endswith((".", ")")), switch.name
        talk = Talk()
        disarm = faults.arm(talk.bench, f"{switch.name}:modem=1")
        talk.bench.timers.advance(0.01)
        disarm()
        talk.wait(100)


# -- the modem goes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "sent"),
    [("before-prompt", 0), ("at-prompt", 0), ("mid-pdu", 0), ("after-ctrl-z", 1), ("before-result", 1)],
)
def test_unplugged_at_a_point_of_the_exchange(point: str, sent: int) -> None:
    talk = armed(f"unplug:at={point},back=5")
    length, pdu = talk.pdu()
    talk.say(f"AT+CMGS={length}")
    talk.type(pdu[:30])
    talk.type(pdu[30:] + CTRL_Z)
    assert "+CMGS" not in talk.wait(4.0)
    assert len(talk.sent_to) == sent
    assert talk.say("AT") == "", "it is out"
    talk.wait(5.0)
    talk.modem.attach()
    assert talk.say("AT").endswith(OK)
    assert talk.say("AT+CNMI?").startswith("AT+CNMI?"), "settings are gone, echo is on"
    talk.say("ATE0")
    assert "+CMGS" in talk.send(), "once only"
    assert [line["what"] for line in talk.seen("fault")] == [point]


def test_unplugged_now_and_for_good() -> None:
    talk = armed("unplug:back=never")
    talk.wait(1000)
    assert talk.say("AT") == ""
    assert not talk.modem.powered


def test_a_modem_that_restarts_by_itself_forgets_its_settings() -> None:
    talk = armed("reboot:at=after-ctrl-z")
    assert "+CMGS" not in talk.send() + talk.wait(10)
    assert talk.sent_to
    assert talk.say("AT+CNMI?") == "AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n" + OK


def test_a_wedged_modem_answers_nothing_and_recovers_by_restarting() -> None:
    talk = armed("wedge:silent,for=30")
    talk.wait(0.1)
    assert talk.say("AT") == ""
    talk.wait(30)
    assert talk.say("AT") == "AT\r" + OK


def test_a_wedged_modem_says_ok_to_everything() -> None:
    talk = armed("wedge:says-ok")
    talk.wait(0.1)
    assert talk.say("AT+CMGS=20") == OK
    assert talk.type("00" + CTRL_Z) == OK
    assert talk.say("AT+CPIN?") == OK


def test_a_wedged_modem_is_stuck_at_its_prompt() -> None:
    talk = armed("wedge:stuck-prompt")
    talk.wait(0.1)
    assert talk.say("AT") == "\r\n> "
    assert talk.type(ESC) == "\r\n> "


def test_wedged_after_ctrl_z_the_text_is_out_and_no_answer_comes() -> None:
    talk = armed("wedge:silent,at=after-ctrl-z")
    assert talk.send() + talk.wait(100) == ""
    assert talk.sent_to == ["+447700900001"]


def test_a_late_prompt_comes_late() -> None:
    talk = armed("late-prompt:3")
    length, pdu = talk.pdu()
    assert talk.say(f"AT+CMGS={length}") == ""
    assert talk.wait(2.9) == ""
    assert talk.wait(0.2) == "\r\n> "
    talk.type(pdu + CTRL_Z)
    assert "+CMGS: 0" in talk.wait(1.0)


def test_a_swallowed_prompt_takes_the_pdu_all_the_same() -> None:
    talk = armed("swallow-prompt")
    length, pdu = talk.pdu()
    assert talk.say(f"AT+CMGS={length}") == ""
    talk.type(pdu + CTRL_Z)
    assert "+CMGS: 0" in talk.wait(1.0)
    assert talk.say(f"AT+CMGS={length}") == "\r\n> ", "once only"


def test_a_command_refused_before_the_prompt() -> None:
    talk = armed("refuse-command:code=500")
    assert talk.say("AT+CMGS=20") == "\r\n+CMS ERROR: 500\r\n"
    assert "+CMGS: 0" in talk.send()


def test_a_late_answer_keeps_the_modem_busy() -> None:
    talk = armed("late-result:5", reports=False)
    assert talk.send() == ""
    assert talk.say("AT") == ""
    assert talk.wait(5.0) == "\r\n+CMGS: 0\r\n" + OK + OK


def test_a_stray_answer_comes_when_something_else_is_asked() -> None:
    talk = armed("late-result:5,busy=no", reports=False)
    assert talk.send() == ""
    assert talk.say("AT") == OK
    assert talk.wait(5.0) == "\r\n+CMGS: 0\r\n" + OK


def test_no_answer_at_all_and_the_modem_free_again() -> None:
    talk = armed("no-result:free", reports=False)
    assert talk.send() + talk.wait(100) == ""
    assert talk.say("AT") == OK
    assert talk.sent_to == ["+447700900001"]


# -- the line ---------------------------------------------------------------------------------------------


def test_unsolicited_lines_never_tear_another() -> None:
    talk = armed("urcs:share=1")
    for command in ("AT+CSQ", "ATI", "AT+CMGF?"):
        plain = Talk().say(command)
        lines = talk.say(command).split("\r\n")
        assert all(line in lines for line in plain.split("\r\n"))
        assert len(lines) > len(plain.split("\r\n"))


def test_a_flood_of_lines_comes_whatever_is_said() -> None:
    talk = armed("flood:lines=5,every=1")
    assert len(talk.wait(3.0).split("\r\n\r\n")) == 15


def test_garbage_has_8_bit_octets_and_forges_nothing() -> None:
    talk = armed("garbage:share=1")
    said = talk.say("AT+CSQ")
    assert any(ord(char) > 0x7F for char in said)
    assert "+CSQ: 24,99" in said


def test_a_cut_line_is_lost_from_somewhere_on() -> None:
    said = armed("cut:share=1,count=1").say("ATI")
    assert 0 < len(said) < len(Talk().say("ATI"))


def test_halves_come_apart_and_in_order() -> None:
    talk = armed("halves:0.5")
    first = talk.say("AT+CSQ")
    assert (first + talk.wait(0.6)) == "\r\n+CSQ: 24,99\r\n" + OK
    assert first != "\r\n+CSQ: 24,99\r\n" + OK


def test_halves_are_not_overtaken_on_a_bench_that_is_late() -> None:
    """The first thing to be made late is the next answer, before the second half that was due after it."""
    timers = Timers(live=True)
    wire = Wire(timers, lambda: None)
    wire.pause_s = 0.5
    timers.at(0.4, lambda: wire.feed(bytearray(b"5678")))
    wire.feed(bytearray(b"1234"))
    timers.advance(2.0)
    timers.advance(3.0)
    assert wire.ready == b"12345678"


def test_a_slow_line_carries_so_many_octets_a_second() -> None:
    talk = armed("slow:1000")
    text = Talk().say("ATI")
    assert talk.say("ATI") == ""
    assert len(talk.wait(len(text) / 200)) == pytest.approx(len(text) / 2, abs=2)
    talk.wait(1)
    assert talk.heard() == ""


# -- the network ------------------------------------------------------------------------------------------


def test_every_code_in_turn() -> None:
    talk = armed("refuse-each", radio_s=0.0)
    answers = [talk.send() for _ in CMS_TEXTS]
    assert answers == [f"\r\n+CMS ERROR: {code}\r\n" for code in sorted(CMS_TEXTS)]
    assert talk.seen("accepted") == []


def test_one_refusal_and_error_alone() -> None:
    talk = armed("refuse:38", "error:skip=1", reports=False)
    assert talk.send() == "\r\n+CMS ERROR: 38\r\n"
    assert talk.send() == "\r\n+CMGS: 1\r\n" + OK
    assert talk.send() == "\r\nERROR\r\n"
    assert talk.send() == "\r\n+CMGS: 3\r\n" + OK


def test_an_answer_that_lies() -> None:
    talk = armed("refuse:code=300,sent=yes")
    assert talk.send() == "\r\n+CMS ERROR: 300\r\n"
    assert len(talk.seen("accepted")) == 1
    assert "+CDS" in talk.wait(2.0)


def test_one_number_is_always_refused() -> None:
    talk = armed(f"always-refused:{THEM}", radio_s=0.0)
    for _ in range(3):
        assert talk.send(to=THEM) == "\r\n+CMS ERROR: 1\r\n"
        assert "+CMGS" in talk.send(to="07700900124")


@pytest.mark.parametrize(("switch", "code"), [("credit-gone:skip=2", 50), ("line-barred:skip=2", 8)])
def test_credit_gone_or_line_barred_after_two(switch: str, code: int) -> None:
    talk = armed(switch, radio_s=0.0)
    answers = [talk.send() for _ in range(4)]
    assert ["+CMGS" in answer for answer in answers] == [True, True, False, False]
    assert answers[3] == f"\r\n+CMS ERROR: {code}\r\n"


def test_a_random_share_is_the_same_with_the_same_seed() -> None:
    def refused(seed: int) -> list[bool]:
        talk = Talk(seed=seed, radio_s=0.0, reports=False)
        faults.arm(talk.bench, "refuse:code=42,share=0.3,count=0")
        return ["ERROR" in talk.send() for _ in range(40)]

    assert refused(1) == refused(1)
    assert refused(1) != refused(2)
    assert 4 <= sum(refused(1)) <= 20


def test_lost_on_air_never_counts_as_on_air() -> None:
    talk = armed("lost-on-air")
    assert talk.send() + talk.wait(100) == ""
    assert len(talk.seen("submit")) == 1
    assert talk.sent_to == []


def test_a_slow_network() -> None:
    talk = armed("slow-network:10")
    assert talk.send() == ""
    assert "+CMGS" in talk.wait(10)


@pytest.mark.parametrize(
    ("switch", "stat"), [("no-network", 2), ("not-searching", 0), ("limited", 3), ("roaming", 5)]
)
def test_registration_lost_and_regained(switch: str, stat: int) -> None:
    talk = armed()
    talk.say("AT+CREG=1")
    faults.arm(talk.bench, f"{switch}:after=1,for=5")
    assert talk.wait(1.5) == f"\r\n+CREG: {stat}\r\n"
    assert ("+CMGS" in talk.send()) is (stat == 5)
    assert "\r\n+CREG: 1\r\n" in talk.wait(10)
    assert "+CMGS" in talk.send()


def test_signal() -> None:
    assert "+CSQ: 3,99" in armed("signal:3").say("AT+CSQ")
