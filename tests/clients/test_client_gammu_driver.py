"""The driver `gammu` with a real libgammu (Debian's python3-gammu) in its process apart, on the virtual bench."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
THEM = "+447700900123"
WANTED: dict[str, dict[str, object]] = {
    "texts": {"check_s": 1.0},
    "refusals": {},
    "lab": {},
    "exhibit": {"exhibit": True},
    "silent": {"submit_timeout_s": 5.0, "late_listen_s": 0.5},
    "late": {"submit_timeout_s": 3.0},
    "unplugged": {},
    "swapped": {"check_s": 0.5},
}
"""A modem each. libgammu takes four seconds to connect: all do it at once."""
LOOKED, KEPT, DARK = 9, 10, 11
"""Modems that tests open for themselves."""


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


@dataclass
class Phone:
    """One modem of the bench with a link to it."""

    bench: Running
    number: int
    link: GammuLink
    sink: RecordingSink

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        return [line for line in self.bench.events(*kinds) if line.get("modem") == self.number]

    def fault(self, fault: str) -> None:
        self.bench.ask(do="fault", fault=f"{fault}{',' if ':' in fault else ':'}modem={self.number}")

    def send(self, submission: Submission) -> Outcome:
        return self.link.submit(submission, lambda _raw: None)

    def hear(self, enough: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not enough() and time.monotonic() < until:
            self.link.listen(0.1)

    def on_air(self) -> list[dict[str, Any]]:
        """What `Commit` asks of a bench."""
        return self.events("submit")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("gammu")
    with running(folder, "--modems", "11", "--radio", "0.05", "--report-delay", "0.1") as it:
        yield it


def open_link(
    bench: Running, number: int, python: str, *, exhibit: bool = False, transcript: Path | None = None,
    **settings: object,
) -> tuple[GammuLink, RecordingSink]:  # fmt: skip
    sink = RecordingSink()
    options = OpenOptions(settings={"python": python, **settings}, exhibit=exhibit, transcript=transcript)
    link = DRIVER.open(DRIVER.endpoint(f"gammu:{bench.port(number)}"), sink, SystemClock(), options)
    try:
        link.bring_up()
    except BaseException:
        link.close()
        raise
    return link, sink


@pytest.fixture(scope="module")
def phones(bench: Running, python: str) -> Iterator[dict[str, Phone]]:
    def begin(number: int, name: str) -> Phone:
        return Phone(bench, number, *open_link(bench, number, python, **WANTED[name]))  # type: ignore[arg-type]

    with ThreadPoolExecutor(len(WANTED)) as pool:
        made = dict(zip(WANTED, pool.map(begin, range(1, len(WANTED) + 1), WANTED), strict=True))
        yield made
        list(pool.map(lambda phone: phone.link.close(), made.values()))


def test_texts_go_out_as_they_were_meant_and_their_reports_come(phones: dict[str, Phone]) -> None:
    phone = phones["texts"]
    segmentation = split(LONG)
    total = len(segmentation.segments)
    asked = [part(text=GSM7), replace(part("+447700900124"), validity_s=86400.0)] + [
        Submission("+447700900125", segment, LONG, seq, total, concat_reference=77, key=str(seq))
        for seq, segment in enumerate(segmentation.segments, 1)
    ]
    for submission in asked:
        commit = Commit(phone)  # type: ignore[arg-type]
        foretold = phone.link.raw(submission)
        outcome = phone.link.submit(submission, commit)
        on_air = phone.on_air()
        assert (outcome.kind, outcome.reference) == (OutcomeKind.ACCEPTED, on_air[-1]["reference"])
        assert (commit.calls, commit.raw) == (1, foretold)
        assert commit.on_air_before == len(on_air) - 1, "nothing was on air before the commit"
        assert wire.same("00" + str(on_air[-1]["tpdu"]), submission), "what was meant is what went out"
    phone.hear(lambda: len(phone.sink.reports) == len(asked))
    taken = {line["reference"]: line["to"] for line in phone.events("accepted")}
    assert {report.reference: report.recipient for report in phone.sink.reports} == taken
    assert {(report.status, report.how) for report in phone.sink.reports} == {(0, "event")}
    assert len(phone.events("accepted")) == len(asked), "none went out twice"


def test_looking_tells_who_it_is_and_changes_nothing(bench: Running, python: str) -> None:
    endpoint = DRIVER.endpoint(f"gammu:{bench.port(LOOKED)}")
    facts = DRIVER.inspect(endpoint, OpenOptions(settings={"python": python}))
    assert endpoint.virtual
    assert facts.device.virtual
    row = bench.ready["modems"][LOOKED - 1]
    assert (facts.device.imei, facts.sim.imsi) == (row["imei"], row["imsi"])
    assert (facts.registration, facts.signal_dbm, facts.smsc) == (Registration.HOME, -65, "+447700900800")
    assert [line for line in bench.events("write", "submit", "on_air") if line["modem"] == LOOKED] == []


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


def test_refusals_prove_what_they_prove(phones: dict[str, Phone]) -> None:
    phone = phones["refusals"]
    for fault, kind, refusal, code in REFUSALS:
        before = len(phone.events("accepted"))
        phone.fault(fault)
        outcome = phone.send(part())
        assert (outcome.kind, outcome.refusal, outcome.code) == (kind, refusal, code), fault
        assert outcome.why, fault
        assert "900123" not in f"{outcome.why}{outcome.raw}", fault
        if kind is OutcomeKind.REFUSED:
            assert len(phone.events("accepted")) == before, fault
    assert phone.send(part("+447700900124")).kind is OutcomeKind.ACCEPTED, "and the next one goes out"


def test_replies_are_read_in_a_lab_and_left_unread_on_an_exhibit(phones: dict[str, Phone]) -> None:
    lab, exhibit = phones["lab"], phones["exhibit"]
    text = "Thank you, caf\u00e9 \u20ac " * 12
    for phone in (lab, exhibit):
        number = phone.bench.ready["modems"][phone.number - 1]["number"]
        phone.bench.ask(do="text", to=number, text=text, **{"from": THEM})
    lab.hear(lambda: len(lab.sink.inbounds) == 2)
    exhibit.hear(lambda: exhibit.sink.facts)
    assert "".join(each.text for each in lab.sink.inbounds) == text
    assert [each.concat and each.concat[1:] for each in lab.sink.inbounds] == [(2, 1), (2, 2)]
    assert "left there, unread" in exhibit.sink.facts[-1].notes[-1]
    assert not exhibit.sink.inbounds
    for phone, marked in ((lab, True), (exhibit, False)):
        assert any("READ" in str(line["what"]) for line in phone.events("write")) == marked


def test_a_text_whose_answer_never_comes_is_unknown_and_the_next_one_goes_out(phones: dict[str, Phone]) -> None:
    phone = phones["silent"]
    phone.fault("no-result:then=free")
    assert phone.send(part()).kind is OutcomeKind.UNKNOWN
    assert phone.send(part("+447700900124")).kind is OutcomeKind.ACCEPTED
    assert [line["to"] for line in phone.on_air()] == [THEM, "+447700900124"]


def test_a_late_answer_settles_its_text(phones: dict[str, Phone]) -> None:
    phone = phones["late"]
    phone.fault("late-result:s=6")
    assert phone.send(part()).kind is OutcomeKind.UNKNOWN
    phone.hear(lambda: phone.sink.late)
    assert [(each.kind, each.reference) for each in phone.sink.late] == [(OutcomeKind.ACCEPTED, 0)]


def test_two_programs_do_not_share_a_handset(phones: dict[str, Phone], python: str) -> None:
    with pytest.raises(LinkLost, match="another program has it"):
        open_link(phones["texts"].bench, phones["texts"].number, python)


def test_a_handset_that_is_unplugged_is_a_lost_link(phones: dict[str, Phone]) -> None:
    phones["unplugged"].fault("unplug:back=never")
    with pytest.raises(LinkLost, match="is gone"):
        phones["unplugged"].hear(lambda: False)


def test_another_sim_stops_the_line(phones: dict[str, Phone]) -> None:
    phones["swapped"].fault("sim-swap:how=silent")
    with pytest.raises(GuardStop, match="another SIM"):
        phones["swapped"].hear(lambda: False)


def test_an_exhibit_with_its_radio_off_is_left_so(bench: Running, python: str) -> None:
    client = Client(bench.port(DARK))
    client.say("AT+CFUN=4")
    client.close()
    with pytest.raises(GuardStop, match=r"radio of the handset on .* is off"):
        open_link(bench, DARK, python, exhibit=True)
    with pytest.raises(GuardStop, match="changes nothing where it only looks"):
        DRIVER.inspect(DRIVER.endpoint(f"gammu:{bench.port(DARK)}"), OpenOptions(settings={"python": python}))
    client = Client(bench.port(DARK))
    assert "+CFUN: 4" in client.say("AT+CFUN?"), "it is off, as before"
    client.close()
    link, _ = open_link(bench, DARK, python)
    assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.ACCEPTED, "in a lab it is switched on"
    link.close()


def test_all_that_libgammu_sent_is_on_record_and_known(bench: Running, python: str, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "gammu.transcript"
    link, _ = open_link(bench, KEPT, python, exhibit=True, transcript=path, check_s=0.3)
    assert link.storage(5).texts == {"SM": (0, 30), "ME": (0, 100)}
    assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.ACCEPTED
    link.listen(1.0)
    link.close()
    text = path.read_text()
    told = {sent.command: sent for sent in counted(commands(text))}
    assert told["(PDU)"].count == 1
    assert {"AT+CMGS=*", "AT+CFUN=1", "AT+CNMI=*", "AT+CFUN?"} <= set(told)
    assert [each for each in told.values() if each.changes in {Changes.UNKNOWN, Changes.MEMORY, Changes.SIM}] == []
    assert "900123" not in text
    assert "Help is there" not in text


def test_the_errors_of_the_table_are_libgammus_own(python: str) -> None:
    script = "import gammu, json; print(json.dumps(sorted(gammu.Errors)))"
    done = subprocess.run([python or "python3", "-c", script], capture_output=True, text=True, check=True)
    ours = {name for name in outcomes.rows() if name.startswith("ERR_")}
    assert ours <= set(json.loads(done.stdout))
