"""The driver `gammu` with a real libgammu (Debian's python3-gammu) in its process apart, on the virtual bench."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend.contract import OpenOptions, Submission
from gsmsend.errors import DriverError, GuardStop, LinkLost
from gsmsend.evidence.commands import Changes, commands, counted
from gsmsend.model import Outcome, OutcomeKind, Refusal, Registration
from gsmsend.sms import split
from gsmsend.testing.driver_suite import Commit, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_handset.gammu import DRIVER, outcomes, wire
from gsmsend_handset.gammu.link import GammuLink
from gsmsend_handset.gammu.process import start
from tests.bench.running import Client, Running, running

pytestmark = [pytest.mark.clients, pytest.mark.skipif(sys.platform != "linux", reason="the bench needs Linux")]

DEBIANS = "/usr/bin/python3"
GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
LONG = "Помощь рядом: позвоните нам, это бесплатно. \U0001f600 " * 4
PATIENCE_S = 20.0


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture(scope="module")
def python() -> str:
    """An interpreter that has python-gammu; without one CI fails, and elsewhere the test is skipped."""
    try:
        start(DEBIANS if Path(DEBIANS).exists() else "").close()
    except DriverError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(error.words)
        pytest.skip(error.words)
    return DEBIANS if Path(DEBIANS).exists() else ""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "--modems", "2", "--radio", "0.05", "--report-delay", "0.1") as it:
        yield it


Up = Callable[..., tuple[GammuLink, RecordingSink]]


@pytest.fixture
def up(bench: Running, python: str) -> Iterator[Up]:
    links: list[GammuLink] = []

    def make(number: int = 1, *, exhibit: bool = False, **settings: object) -> tuple[GammuLink, RecordingSink]:
        sink = RecordingSink()
        options = OpenOptions(settings={"python": python, **settings}, exhibit=exhibit)
        link = DRIVER.open(DRIVER.endpoint(f"gammu:{bench.port(number)}"), sink, SystemClock(), options)
        links.append(link)
        link.bring_up()
        return link, sink

    yield make
    for link in links:
        link.close()


def send(link: GammuLink, submission: Submission) -> Outcome:
    return link.submit(submission, lambda _raw: None)


def hear(link: GammuLink, enough: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not enough() and time.monotonic() < until:
        link.listen(0.1)


def test_texts_go_out_as_they_were_meant_and_their_reports_come(bench: Running, up: Up) -> None:
    link, sink = up(check_s=1.0)
    segmentation = split(LONG)
    total = len(segmentation.segments)
    asked = [part(text=GSM7), replace(part("+447700900124"), validity_s=86400.0)] + [
        Submission("+447700900125", segment, LONG, seq, total, concat_reference=77, key=str(seq))
        for seq, segment in enumerate(segmentation.segments, 1)
    ]
    for submission in asked:
        commit = Commit(_Air(bench))  # type: ignore[arg-type]
        foretold = link.raw(submission)
        outcome = link.submit(submission, commit)
        on_air = bench.events("submit")[-1]
        assert (outcome.kind, outcome.reference) == (OutcomeKind.ACCEPTED, on_air["reference"])
        assert (commit.calls, commit.raw) == (1, foretold)
        assert commit.on_air_before == len(bench.events("submit")) - 1, "nothing was on air before the commit"
        assert wire.same("00" + str(on_air["tpdu"]), submission), "what was meant is what went out"
    hear(link, lambda: len(sink.reports) == len(asked))
    taken = {line["reference"]: line["to"] for line in bench.events("accepted")}
    assert {report.reference: report.recipient for report in sink.reports} == taken
    assert {(report.status, report.how) for report in sink.reports} == {(0, "event")}
    assert len(bench.events("accepted")) == len(asked), "none went out twice"


class _Air:
    """What `Commit` asks of a bench."""

    def __init__(self, bench: Running) -> None:
        self.bench = bench

    def on_air(self) -> list[dict[str, object]]:
        return self.bench.events("submit")


def test_looking_tells_who_it_is_and_changes_nothing(bench: Running, python: str) -> None:
    endpoint = DRIVER.endpoint(f"gammu:{bench.port()}")
    facts = DRIVER.inspect(endpoint, OpenOptions(settings={"python": python}))
    assert endpoint.virtual
    assert facts.device.virtual
    assert (facts.device.imei, facts.sim.imsi) == ("001017000000011", "001010000000001")
    assert (facts.registration, facts.signal_dbm, facts.smsc) == (Registration.HOME, -65, "+447700900800")
    assert bench.events("write", "submit", "on_air") == []


REFUSALS = (
    ("refuse:code=1", OutcomeKind.REFUSED, Refusal.RECIPIENT, 1),
    ("refuse:code=41", OutcomeKind.REFUSED, Refusal.RETRY, 41),
    ("refuse:code=332", OutcomeKind.UNKNOWN, None, 332),
    ("refuse:code=322", OutcomeKind.REFUSED, Refusal.MODEM, 322),
    ("refuse-command:code=42", OutcomeKind.REFUSED, Refusal.LATER, 42),
    ("refuse-command", OutcomeKind.REFUSED, Refusal.RETRY, None),
    ("error", OutcomeKind.UNKNOWN, None, None),
    ("error:sent=yes", OutcomeKind.UNKNOWN, None, None),
)


def test_refusals_prove_what_they_prove(bench: Running, up: Up) -> None:
    link, _ = up()
    for fault, kind, refusal, code in REFUSALS:
        before = len(bench.events("accepted"))
        bench.ask(do="fault", fault=fault)
        outcome = send(link, part())
        assert (outcome.kind, outcome.refusal, outcome.code) == (kind, refusal, code), fault
        assert outcome.why, fault
        assert "900123" not in f"{outcome.why}{outcome.raw}", fault
        if kind is OutcomeKind.REFUSED:
            assert len(bench.events("accepted")) == before, fault
    assert send(link, part("+447700900124")).kind is OutcomeKind.ACCEPTED, "and the next one goes out"


def test_replies_are_read_in_a_lab_and_left_unread_on_an_exhibit(bench: Running, up: Up) -> None:
    lab, lab_sink = up(1)
    exhibit, exhibit_sink = up(2, exhibit=True)
    for number in (1, 2):
        text = {"from": "+447700900123", "text": "Thank you, caf\u00e9 \u20ac " * 12}
        bench.ask(do="text", to=f"+44770090090{number}", **text)
    hear(lab, lambda: len(lab_sink.inbounds) == 2)
    hear(exhibit, lambda: exhibit_sink.facts)
    assert "".join(each.text for each in lab_sink.inbounds) == "Thank you, caf\u00e9 \u20ac " * 12
    assert [each.concat and each.concat[1:] for each in lab_sink.inbounds] == [(2, 1), (2, 2)]
    assert "left there, unread" in exhibit_sink.facts[-1].notes[-1]
    assert not exhibit_sink.inbounds
    read = [line["modem"] for line in bench.events("write") if "READ" in str(line["what"])]
    assert set(read) == {1}, "nothing on the exhibit was marked as read"


def test_a_text_whose_answer_never_comes_is_unknown_and_the_next_one_goes_out(bench: Running, up: Up) -> None:
    link, _ = up(submit_timeout_s=2.0, late_listen_s=0.5)
    bench.ask(do="fault", fault="no-result:then=free")
    assert send(link, part()).kind is OutcomeKind.UNKNOWN
    assert send(link, part("+447700900124")).kind is OutcomeKind.ACCEPTED
    assert sorted(line["to"] for line in bench.events("on_air", "submit") if "to" in line) == [
        "+447700900123", "+447700900124",
    ]  # fmt: skip


def test_a_late_answer_settles_its_text(bench: Running, up: Up) -> None:
    link, sink = up(submit_timeout_s=1.5)
    bench.ask(do="fault", fault="late-result:s=3")
    assert send(link, part()).kind is OutcomeKind.UNKNOWN
    hear(link, lambda: sink.late)
    assert [(each.kind, each.reference) for each in sink.late] == [(OutcomeKind.ACCEPTED, 0)]


def test_an_exhibit_with_its_radio_off_is_left_so(bench: Running, up: Up, python: str) -> None:
    client = Client(bench.port())
    client.say("AT+CFUN=4")
    client.close()
    with pytest.raises(GuardStop, match=r"radio of the handset on .* is off"):
        up(exhibit=True)
    with pytest.raises(GuardStop, match="changes nothing where it only looks"):
        DRIVER.inspect(DRIVER.endpoint(f"gammu:{bench.port()}"), OpenOptions(settings={"python": python}))
    client = Client(bench.port())
    assert "+CFUN: 4" in client.say("AT+CFUN?"), "it is off, as before"
    client.close()
    link, _ = up()
    assert send(link, part()).kind is OutcomeKind.ACCEPTED, "in a lab it is switched on"


def test_all_that_libgammu_sent_is_on_record_and_known(bench: Running, python: str, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "gammu.transcript"
    options = OpenOptions(settings={"python": python, "check_s": 0.3}, exhibit=True, transcript=path)
    link = DRIVER.open(DRIVER.endpoint(f"gammu:{bench.port()}"), RecordingSink(), SystemClock(), options)
    link.bring_up()
    assert link.storage(5).texts == {"SM": (0, 30), "ME": (0, 100)}
    assert send(link, part()).kind is OutcomeKind.ACCEPTED
    link.listen(1.0)
    link.close()
    text = path.read_text()
    told = {sent.command: sent for sent in counted(commands(text))}
    assert told["(PDU)"].count == 1
    assert {"AT+CMGS=*", "AT+CFUN=1", "AT+CNMI=*", "AT+CFUN?"} <= set(told)
    assert [each for each in told.values() if each.changes in {Changes.UNKNOWN, Changes.MEMORY, Changes.SIM}] == []
    assert "900123" not in text
    assert "Help is there" not in text


def test_a_handset_that_is_unplugged_is_a_lost_link(bench: Running, up: Up) -> None:
    link, _ = up()
    bench.ask(do="fault", fault="unplug:back=never")
    with pytest.raises(LinkLost, match="is gone"):
        hear(link, lambda: False)


def test_another_sim_stops_the_line(bench: Running, up: Up) -> None:
    link, _ = up(check_s=0.5)
    bench.ask(do="fault", fault="sim-swap:how=silent")
    with pytest.raises(GuardStop, match="another SIM"):
        hear(link, lambda: False)


def test_two_programs_do_not_share_a_handset(bench: Running, up: Up) -> None:
    up()
    with pytest.raises(LinkLost, match="another program has it"):
        up()


def test_the_errors_of_the_table_are_libgammus_own(python: str) -> None:
    script = "import gammu, json; print(json.dumps(sorted(gammu.Errors)))"
    done = subprocess.run([python or "python3", "-c", script], capture_output=True, text=True, check=True)
    ours = {name for name in outcomes.rows() if name.startswith("ERR_")}
    assert ours <= set(json.loads(done.stdout))
