"""A modem that misbehaves: what is told, what is sent again (nothing), what is asked before going on."""

from __future__ import annotations

import pytest

from gsmsend.contract import Submission
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Outcome, OutcomeKind, Refusal
from gsmsend.sms import Segment
from gsmsend.testing.driver_suite import Commit, OnAir, part
from tests.unit.atmodem.fake_modem import ICCID, OTHER_ICCID, Rig


class _Bench:
    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def on_air(self) -> list[OnAir]:
        return self._rig.modem.on_air


def commit(rig: Rig) -> Commit:
    return Commit(_Bench(rig))  # type: ignore[arg-type]


def send(rig: Rig, link: object, number: str = "+447700900123") -> Outcome:
    return link.submit(part(number), commit(rig))  # type: ignore[attr-defined,no-any-return]


def test_a_text_that_cannot_be_coded_is_refused_without_a_word_to_the_modem() -> None:
    rig = Rig()
    link = rig.up()
    done = commit(rig)
    outcome = link.submit(Submission("", Segment("x", units=1), "x"), done)
    assert (outcome.kind, outcome.refusal, done.calls) == (OutcomeKind.REFUSED, Refusal.MESSAGE, 0)
    assert rig.modem.said == []


def test_after_silence_it_listens_then_asks_then_goes_on() -> None:
    rig = Rig()
    link = rig.up(submit_timeout_s=60, late_listen_s=20)
    send(rig, link, "+447700900122")
    rig.modem.mute = True
    assert 60 <= rig.elapsed(lambda: send(rig, link)) < 61
    rig.modem.said.clear()
    assert 20 <= rig.elapsed(lambda: send(rig, link, "+447700900124")) < 21
    asked = ["AT+CMGF?", "AT+CPIN?", "AT+CIMI", "AT+CCID", "AT+CNMI?", "AT+CMGS="]
    assert [line[:8] for line in rig.modem.said] == asked
    assert [sent.destination for sent in rig.modem.on_air] == [f"+44770090012{last}" for last in "234"]


def test_a_very_late_answer_is_told_as_such_and_not_credited_to_the_next() -> None:
    rig = Rig()
    link = rig.up(submit_timeout_s=60)
    rig.modem.delay_s = 70
    assert send(rig, link).kind is OutcomeKind.UNKNOWN
    following = send(rig, link, "+447700900124")
    assert [late.reference for late in rig.sink.late] == [rig.modem.on_air[0].reference]
    assert following.reference == rig.modem.on_air[1].reference


def test_a_modem_that_goes_deaf_after_ctrl_z_is_lost() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.mute = True
    done = commit(rig)
    done.then = lambda: setattr(rig.modem, "deaf", True)
    assert link.submit(part(), done).kind is OutcomeKind.UNKNOWN
    again = commit(rig)
    outcome = link.submit(part(), again)
    assert (outcome.kind, outcome.refusal, again.calls) == (OutcomeKind.REFUSED, Refusal.MODEM, 0)
    with pytest.raises(LinkLost, match="stopped answering"):
        link.listen(1)
    assert len(rig.modem.on_air) == 1


def test_an_idle_modem_that_goes_deaf_is_noticed() -> None:
    rig = Rig()
    link = rig.up()
    link.listen(25)
    rig.modem.deaf = True
    with pytest.raises(LinkLost):
        link.listen(120)


def test_no_prompt_is_a_refusal_and_the_dialogue_comes_into_step_again() -> None:
    rig = Rig()
    link = rig.up(prompt_timeout_s=5)
    rig.modem.answers["AT+CMGS=25"] = None
    done = commit(rig)
    outcome = link.submit(part(), done)
    assert (outcome.kind, outcome.refusal, done.calls) == (OutcomeKind.REFUSED, Refusal.MODEM, 0)
    rig.modem.answers.clear()
    assert send(rig, link).kind is OutcomeKind.ACCEPTED
    assert len(rig.modem.on_air) == 1


def test_a_prompt_that_comes_too_late_is_left_again() -> None:
    rig = Rig()
    link = rig.up(prompt_timeout_s=5)
    rig.modem.answers["AT+CMGS=25"] = ()
    rig.modem.later.append((rig.clock.monotonic() + 5.5, rig.modem.answers.clear))
    rig.modem.later.append((rig.clock.monotonic() + 5.6, lambda: rig.modem.receive(b"AT+CMGS=25\r")))
    assert send(rig, link).kind is OutcomeKind.REFUSED
    assert send(rig, link).kind is OutcomeKind.ACCEPTED
    assert len(rig.modem.on_air) == 1


def test_a_prompt_gone_during_the_commit_gets_no_pdu() -> None:
    rig = Rig()
    link = rig.up()
    done = commit(rig)

    def time_out() -> None:
        rig.modem._entry = None
        rig.modem.say("+CMS ERROR: 500")

    done.then = time_out
    outcome = link.submit(part(), done)
    assert outcome.kind is OutcomeKind.REFUSED
    assert b"\x1a" not in rig.port.written
    assert send(rig, link).kind is OutcomeKind.ACCEPTED


def test_a_port_lost_while_the_pdu_is_written_is_unknown() -> None:
    rig = Rig()
    link = rig.up()
    write = rig.port.write

    def half(octets: bytes) -> None:
        write(octets)
        if octets.endswith(b"\x1a"):
            raise LinkLost("took 20 of 60 octets")

    rig.port.write = half  # type: ignore[method-assign]
    assert send(rig, link).kind is OutcomeKind.UNKNOWN
    with pytest.raises(LinkLost, match="20 of 60"):
        link.listen(1)


def test_a_sink_that_fails_after_ctrl_z_leaves_the_text_unknown() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.final = ("+CDS: 25\r\n" + "00" * 26,)

    def fail(_: object) -> None:
        raise RuntimeError

    rig.sink.inbound = rig.sink.report = fail  # type: ignore[assignment,method-assign]
    assert send(rig, link).kind is OutcomeKind.UNKNOWN
    with pytest.raises(LinkLost):
        link.listen(1)


def test_a_modem_back_in_text_mode_never_texts_the_number_that_a_length_makes() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.restart()
    outcomes = [send(rig, link) for _ in range(2)]
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.REFUSED, OutcomeKind.ACCEPTED]
    assert [sent.destination for sent in rig.modem.on_air] == ["+447700900123"]


def test_without_echo_for_a_sign_the_mode_is_asked_for_before_every_text() -> None:
    rig = Rig()
    rig.modem.answers["ATE0"] = ("OK",)
    link = rig.up()
    assert send(rig, link).kind is OutcomeKind.ACCEPTED
    rig.modem.restart()
    assert send(rig, link).kind is OutcomeKind.ACCEPTED
    assert {sent.destination for sent in rig.modem.on_air} == {"+447700900123"}


@pytest.mark.parametrize("sign", ["RDY", "^SYSSTART"])
def test_a_modem_that_restarted_by_itself_is_set_up_again(sign: str) -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.restart(sign, "+CPIN: READY")
    link.listen(1)
    assert (rig.modem.echo, rig.modem.text_mode, rig.modem.csms, rig.modem.cnmi) == (False, False, 1, "2,2,0,1,0")
    assert send(rig, link).kind is OutcomeKind.ACCEPTED


def test_after_a_pause_the_mode_is_asked_for_before_the_next_text() -> None:
    rig = Rig()
    link = rig.up()
    rig.clock.advance(11)
    rig.modem.restart()
    assert send(rig, link).kind is OutcomeKind.ACCEPTED
    assert [sent.destination for sent in rig.modem.on_air] == ["+447700900123"]


def test_another_sim_is_named_with_the_one_expected_and_sends_nothing() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.answers["AT+CCID"] = (f"+CCID: {OTHER_ICCID}", "OK")
    rig.modem.say("+CPIN: READY")
    link._dialogue.step(0)
    done = commit(rig)
    outcome = link.submit(part(), done)
    assert (outcome.kind, outcome.refusal, done.calls) == (OutcomeKind.REFUSED, Refusal.LINE, 0)
    with pytest.raises(GuardStop) as stop:
        link.listen(1)
    assert ICCID in str(stop.value)
    assert OTHER_ICCID in str(stop.value)
    assert rig.modem.on_air == []


@pytest.mark.parametrize("idle_s", [11, 31])
def test_a_sim_changed_without_a_word_is_found_after_a_pause(idle_s: float) -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.answers["AT+CCID"] = (f"+CCID: {OTHER_ICCID}", "OK")
    if idle_s < 30:
        link.listen(idle_s)
        assert send(rig, link).kind is OutcomeKind.REFUSED
        idle_s = 1
    with pytest.raises(GuardStop, match=OTHER_ICCID):
        link.listen(idle_s)
    assert rig.modem.on_air == []


def test_a_sim_that_asks_for_its_pin_in_the_middle_stops_the_line() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.refuse = 311
    rig.modem.answers["AT+CPIN?"] = ("+CPIN: SIM PIN", "OK")
    assert send(rig, link).refusal is Refusal.LINE
    with pytest.raises(GuardStop, match="SIM PIN"):
        link.listen(1)


def test_the_same_sim_seated_again_goes_on() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.answers["AT+CPIN?"] = ("+CME ERROR: 10",)
    rig.modem.later.append((rig.clock.monotonic() + 4, rig.modem.answers.clear))
    rig.modem.say("+CPIN: NOT INSERTED")
    link.listen(10)
    assert send(rig, link).kind is OutcomeKind.ACCEPTED


def test_a_sim_that_stays_away_stops_the_line() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.answers["AT+CPIN?"] = ("+CME ERROR: 10",)
    rig.modem.say("+CPIN: NOT INSERTED")
    with pytest.raises(GuardStop, match="no SIM"):
        link.listen(30)


def test_registration_lost_and_found_is_told() -> None:
    rig = Rig()
    link = rig.up()
    for state, usable in (("2", False), ("1", True)):
        rig.modem.answers["AT+CREG?"] = (f"+CREG: 1,{state}", "OK")
        rig.modem.say(f"+CREG: {state}")
        link.listen(3)
        assert rig.sink.facts[-1].registration.usable is usable


def test_a_network_found_right_after_bring_up_is_taken_at_its_first_word() -> None:
    rig = Rig()
    rig.modem.answers["AT+CREG?"] = ("+CREG: 1,2", "OK")
    link = rig.up()
    rig.modem.answers["AT+CREG?"] = ("+CREG: 1,1", "OK")
    rig.modem.say("+CREG: 1")
    link.listen(0.1)
    assert rig.sink.facts[-1].registration.usable


def test_a_modem_that_talks_of_its_registration_all_the_time_holds_nothing_up() -> None:
    rig = Rig()
    link = rig.up()

    def talk() -> None:
        rig.modem.say("+CREG: 2", "+CREG: 1")
        rig.modem.later.append((rig.clock.monotonic() + 0.01, talk))

    talk()
    assert rig.elapsed(lambda: link.listen(5)) < 6
    assert rig.elapsed(lambda: send(rig, link)) < 0.5
    assert len([line for line in rig.modem.said if line == "AT+CREG?"]) in {2, 3, 4}


def test_garbage_and_floods_disturb_no_text() -> None:
    rig = Rig()
    link = rig.up()
    done = commit(rig)
    flood = b"\r\n\x80\xff\x00garbage\r\n" * 50 + b"\r\n^RSSI:12\r\n" * 200 + b"\r\n+CIEV: 2,3\r\n"

    def pour() -> None:
        rig.modem.out += flood

    done.then = pour
    rig.modem.final = (flood.decode("latin-1"), "+CMGS: 41", flood.decode("latin-1"), "OK")
    outcome = link.submit(part(), done)
    assert (outcome.kind, outcome.reference) == (OutcomeKind.ACCEPTED, 41)


def test_slow_modems_get_their_pdu_a_little_later() -> None:
    rig = Rig()
    rig.modem.answers |= {"AT+CGMI": ("Slow", "OK")}
    link = rig.up()
    link._modem.profile = link._modem.profile.__class__("slow", "Slow", prompt_delay_s=0.2)
    assert 0.2 <= rig.elapsed(lambda: send(rig, link)) < 0.5
    assert len(rig.modem.on_air) == 1


def test_closing_in_the_middle_leaves_the_modem_at_no_prompt() -> None:
    rig = Rig()
    link = rig.up()
    link._dialogue.in_step = False
    rig.modem.receive(b"AT+CMGS=19\r0011")
    link.close()
    assert rig.port.closed
    assert rig.modem._entry is None
    assert rig.modem.on_air == []


def test_a_sim_that_is_changed_without_a_word_is_noticed_while_sending() -> None:
    rig = Rig()
    link = rig.up()

    def send() -> None:
        link.submit(part(), lambda _raw: None)
        link.listen(0)

    send()
    rig.modem.answers["AT+CCID"] = (f"+CCID: {OTHER_ICCID}", "OK")
    sent = len(rig.modem.on_air)
    for _ in range(7):
        rig.clock.advance(4.0)
        send()
    rig.clock.advance(4.0)
    with pytest.raises(GuardStop, match=OTHER_ICCID):
        send()
    assert len(rig.modem.on_air) - sent <= 8


def test_after_a_lost_network_the_sim_is_read_again_once_the_network_is_back() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.say("+CREG: 2")
    link.listen(1)
    rig.modem.answers |= {"AT+CCID": (f"+CCID: {OTHER_ICCID}", "OK"), "AT+CIMI": ("001010000000002", "OK")}
    rig.modem.say("+CREG: 1")
    done = commit(rig)
    assert link.submit(part(), done).refusal is Refusal.LINE
    assert done.calls == 0
    with pytest.raises(GuardStop, match="another SIM"):
        link.listen(1)


def test_a_text_refused_for_want_of_a_network_is_such_a_sign_too() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.refuse = 331
    assert send(rig, link).code == 331
    rig.modem.refuse = None
    rig.modem.answers |= {"AT+CCID": (f"+CCID: {OTHER_ICCID}", "OK"), "AT+CIMI": ("001010000000002", "OK")}
    assert send(rig, link).refusal is Refusal.LINE
    assert len(rig.modem.on_air) == 0


@pytest.mark.parametrize(
    ("command", "noise"),
    [
        ("AT+CPIN?", "+CPIN: RE\xff\xfeADY"),
        ("AT+CCID", "+CCID: 89441\xff00000017"),
        ("AT+CCID", f"+CCID: {OTHER_ICCID}"),
    ],
)
def test_noise_in_what_the_sim_says_of_itself_does_not_stop_the_line(command: str, noise: str) -> None:
    rig = Rig()
    link = rig.up()
    garbled = rig.modem.garbled = {command: (noise, "OK")}
    rig.clock.advance(40)
    assert send(rig, link).kind is OutcomeKind.ACCEPTED
    assert not garbled
