"""The link through libgammu: what it is told, its process that hangs or dies, what it leaves alone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from gsmsend.contract import Altering, Countable, Described
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import OutcomeKind, Refusal, Registration
from gsmsend.testing.driver_suite import Commit, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_handset.gammu import DRIVER, handset
from gsmsend_handset.gammu.link import LEFT_UNREAD, GammuLink
from tests.unit.handset.gammu_bench import IMEI, IMSI, SMSC, GammuBench, coded, report

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the handset of the tests needs unix sockets")

PATIENCE_S = 5.0


@pytest.fixture
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GammuBench]:
    bench = GammuBench(tmp_path_factory.mktemp("g"))
    yield bench
    bench.dispose()


def hear(link: GammuLink, enough: Any) -> None:
    until = monotonic() + PATIENCE_S
    while not enough() and monotonic() < until:
        link.listen(0.05)


def helper_of(link: GammuLink) -> int:
    return link._apart._process.pid


# -- who it is ------------------------------------------------------------------------------------------------


def test_bring_up_tells_handset_sim_and_network(bench: GammuBench) -> None:
    facts = bench.make_link(RecordingSink()).bring_up()
    assert (facts.device.imei, facts.device.manufacturer, facts.device.model) == (IMEI, "Example", "N1")
    assert (facts.device.revision, facts.device.account, facts.sim.imsi) == ("11.2", "", IMSI)
    assert (facts.registration, facts.operator, facts.signal_dbm) == (Registration.HOME, "Test Network", -71)
    assert (facts.smsc, facts.reports, facts.notes) == (SMSC, True, ())


def test_the_process_is_given_its_config_and_nothing_of_ours(
    bench: GammuBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GSMSEND_SECRET", "do-not-pass")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    bench.make_link(RecordingSink(), connection="fbususb", model="6110").bring_up()
    begun = next(each for each in bench.asked if each["do"] == "Init")
    assert begun["config"]["device"] == str(bench.device)
    assert (begun["config"]["connection"], begun["config"]["model"]) == ("fbususb", "6110")
    assert begun["config"]["synchronizetime"] == "no"
    assert not {"GSMSEND_SECRET", "PYTHONSTARTUP"} & set(begun["environment"])


@pytest.mark.parametrize(("code", "state"), [("PIN", "SIM PIN"), ("PUK", "SIM PUK")])
def test_a_sim_that_asks_for_a_code_stops_the_line_and_gets_none(bench: GammuBench, code: str, state: str) -> None:
    bench.told["GetSecurityStatus"] = code
    with pytest.raises(GuardStop, match=f"asks for a code: {state}"):
        bench.make_link(RecordingSink()).bring_up()
    assert not any(each["do"].startswith("EnterSecurity") for each in bench.asked)


def test_a_handset_that_keeps_its_sims_number_is_known_by_its_own(bench: GammuBench) -> None:
    bench.told["GetSIMIMSI"] = 21
    facts = bench.make_link(RecordingSink()).bring_up()
    assert (facts.sim.known, facts.device.account) == (False, f"handset {IMEI}")
    assert handset.NO_SIM_TOLD in facts.notes


def test_one_that_does_not_say_who_it_is_is_not_used(bench: GammuBench) -> None:
    bench.told["GetSIMIMSI"] = bench.told["GetIMEI"] = 21
    with pytest.raises(GuardStop, match="says who it is"):
        bench.make_link(RecordingSink()).bring_up()


def test_without_reports_texts_stay_unconfirmed_and_it_is_said(bench: GammuBench) -> None:
    bench.told["SetIncomingSMS"] = 21
    facts = bench.make_link(RecordingSink()).bring_up()
    assert not facts.reports
    assert "libgammu gets no delivery reports from this handset: texts stay unconfirmed." in facts.notes


@pytest.mark.parametrize(
    ("error", "words"),
    [(2, "another program has it"), (4, "is not there"), (14, "does not answer through libgammu")],
)
def test_a_handset_that_cannot_be_had_is_told_in_plain_words(bench: GammuBench, error: int, words: str) -> None:
    bench.told["Init"] = error
    with pytest.raises(LinkLost, match=words) as lost:
        bench.make_link(RecordingSink()).bring_up()
    assert lost.value.remedy


def test_looking_sets_no_routing_and_reads_nothing(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    facts = link.look()
    assert (facts.sim.imsi, facts.reports, facts.notes) == (IMSI, True, ())
    assert not {"SetIncomingSMS", "GetSMS", "SendSMS"} & {each["do"] for each in bench.asked}


# -- the exhibit ------------------------------------------------------------------------------------------------


def test_what_an_exhibit_stores_is_left_unread_and_told_once(bench: GammuBench) -> None:
    sink = RecordingSink()
    link = bench.make_link(sink, exhibit=True)
    assert handset.STORED in link.bring_up().notes
    for _ in range(2):
        bench.send_inbound("+447700900123", "Thank you")
    hear(link, lambda: sink.facts)
    link.listen(0.2)
    assert LEFT_UNREAD in sink.facts[-1].notes
    assert len(sink.facts) == 1
    assert not sink.inbounds
    assert "GetSMS" not in {each["do"] for each in bench.asked}


def test_reports_that_come_straight_here_are_heard_on_an_exhibit(bench: GammuBench) -> None:
    sink = RecordingSink()
    link = bench.make_link(sink, exhibit=True)
    link.bring_up()
    bench.event(report("+447700900123", 7, 0))
    hear(link, lambda: sink.reports)
    assert [(each.reference, each.status, each.how) for each in sink.reports] == [(7, 0, "event")]


def test_what_sending_changes_is_said() -> None:
    assert isinstance(DRIVER, Altering)
    assert isinstance(DRIVER, Described)
    told = " ".join(DRIVER.changes(DRIVER.endpoint("gammu")))
    assert "sent folder" in told
    assert "nothing is deleted" in told


def test_counting_says_what_the_handset_does_not_tell(bench: GammuBench) -> None:
    bench.told["GetSMSStatus"] = 21
    link = bench.make_link(RecordingSink())
    link.bring_up()
    assert isinstance(link, Countable)
    assert link.storage(1).not_read == ("texts: the handset does not tell",)


# -- sending ----------------------------------------------------------------------------------------------------


def test_a_text_that_libgammu_would_change_is_not_sent(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    link.bring_up()
    bench.code = lambda sms: coded({**sms, "Text": sms["Text"].replace("p", "?")})
    commit = Commit(bench)
    outcome = link.submit(part(), commit)
    assert (outcome.kind, outcome.refusal, commit.calls) == (OutcomeKind.REFUSED, Refusal.MESSAGE, 0)
    assert "would change this text" in outcome.why
    assert not bench.air


def test_one_refused_at_the_prompt_is_proven_not_sent(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    link.bring_up()
    bench.trace = "\nWaiting for modem prompt\n1 ERROR\n"
    outcome = link.submit(part(), Commit(bench))
    assert (outcome.kind, outcome.refusal) == (OutcomeKind.REFUSED, Refusal.RETRY)
    bench.trace = "\nWaiting for modem prompt\nSending SMS\n1 ERROR\n"
    assert link.submit(part(), Commit(bench)).kind is OutcomeKind.UNKNOWN


def test_a_handset_without_a_reference_is_accepted_without_one(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    link.bring_up()
    bench._send = lambda sms: {"ok": -1}  # type: ignore[method-assign]
    outcome = link.submit(part(), Commit(bench))
    assert (outcome.kind, outcome.reference) == (OutcomeKind.ACCEPTED, None)


# -- the process apart --------------------------------------------------------------------------------------------


def test_killed_while_a_text_is_on_its_way_it_may_have_gone_out(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    link.bring_up()
    bench.silence_next()
    killer = threading.Timer(0.2, os.kill, (helper_of(link), signal.SIGKILL))
    killer.start()
    outcome = link.submit(part(), Commit(bench))
    killer.join()
    assert (outcome.kind, len(bench.air)) == (OutcomeKind.UNKNOWN, 1)
    with pytest.raises(LinkLost, match="has ended"):
        link.listen(1)


def test_killed_before_nothing_was_sent(bench: GammuBench) -> None:
    link, commit = bench.make_link(RecordingSink()), Commit(bench)
    link.bring_up()
    os.kill(helper_of(link), signal.SIGKILL)
    link._apart._process.wait(PATIENCE_S)
    outcome = link.submit(part(), commit)
    assert (outcome.kind, outcome.refusal, commit.calls) == (OutcomeKind.REFUSED, Refusal.MODEM, 0)
    assert "nothing was sent" in outcome.why
    with pytest.raises(LinkLost):
        link.submit(part(), commit)


def test_killed_while_it_listens_it_is_a_lost_link(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    link.bring_up()
    os.kill(helper_of(link), signal.SIGKILL)
    with pytest.raises(LinkLost, match="has ended"):
        link.listen(PATIENCE_S)


def test_one_that_hangs_is_begun_again_with_the_same_sim(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink(), submit_timeout_s=0.2)
    link.bring_up()
    before = helper_of(link)
    bench.silence_next()
    assert link.submit(part(), Commit(bench)).kind is OutcomeKind.UNKNOWN
    assert link.submit(part("+447700900124"), Commit(bench)).kind is OutcomeKind.ACCEPTED
    assert helper_of(link) != before


def test_begun_again_with_another_sim_nothing_is_sent(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink(), submit_timeout_s=0.2, check_s=60.0)
    link.bring_up()
    bench.silence_next()
    link.submit(part(), Commit(bench))
    bench.swap_sim()
    commit = Commit(bench)
    outcome = link.submit(part("+447700900124"), commit)
    assert (outcome.kind, outcome.refusal, commit.calls) == (OutcomeKind.REFUSED, Refusal.LINE, 0)
    assert len(bench.air) == 1
    with pytest.raises(GuardStop, match=IMSI):
        link.listen(0.1)


def test_one_that_stumbles_over_a_text_is_begun_again_by_the_engine(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    link.bring_up()
    bench.event("stumble")
    with pytest.raises(LinkLost, match="stumbled over a text"):
        link.listen(PATIENCE_S)


def test_another_handset_stops_the_line(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    link.bring_up()
    bench.told["GetIMEI"] = "490154203237526"
    with pytest.raises(GuardStop, match=f"another handset .*{IMEI}"):
        link.listen(PATIENCE_S)


def test_a_changed_network_is_told(bench: GammuBench) -> None:
    sink = RecordingSink()
    link = bench.make_link(sink)
    link.bring_up()
    bench.told["GetNetworkInfo"] = {"State": "RequestingNetwork"}
    hear(link, lambda: sink.facts)
    assert sink.facts[-1].registration is Registration.SEARCHING


def test_close_lets_the_handset_go_and_ends_the_process(bench: GammuBench) -> None:
    link = bench.make_link(RecordingSink())
    link.bring_up()
    process = link._apart._process
    link.close()
    assert process.poll() == 0
    assert bench.asked[-1]["do"] == "Terminate"
