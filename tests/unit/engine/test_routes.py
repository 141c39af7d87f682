"""A run over routes that are asked to send whole texts: accounts and apps, on a real store, with no modem."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gsmsend.contract import AttemptOpen, Driver, Endpoint, Submission
from gsmsend.engine.ending import EXIT_GUARD, EXIT_NO_ROUTE, EXIT_OK
from gsmsend.engine.events import Finished, Notice
from gsmsend.engine.run import Run
from gsmsend.model import Device, Outcome, OutcomeKind, Refusal, Sim, State
from gsmsend.sms import split
from gsmsend.testing.memory_route import MemoryClient, MemoryDriver, busy, silent, unreached
from gsmsend.testing.scripted import Desk, RealClock, ScriptedLink, number

LONG = "Help is here. " * 25
DELIVERED = (0x00, "delivered")
SIM = "8944000000000000017"


@pytest.fixture(autouse=True)
def _asked_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gsmsend.engine.lookups._FIRST_S", 0.05)


@pytest.fixture
def desk(bench: Desk) -> Desk:
    return bench


@pytest.fixture
def route() -> MemoryDriver:
    driver = MemoryDriver()
    driver.provider.reports = DELIVERED
    return driver


def made(desk: Desk, *routes: tuple[Driver, str], wait_reports_s: float = 0.1) -> Run:
    """A run over these drivers, each with an address."""
    return Run(
        desk.settings, desk.store, RealClock(), [(driver, driver.endpoint(address)) for driver, address in routes],
        publish=desk.events.append, wait_reports_s=wait_reports_s, stay=False,
    )  # fmt: skip


def run(desk: Desk, *routes: tuple[Driver, str], wait_reports_s: float = 5.0) -> Finished:
    """What came of it."""
    return made(desk, *routes, wait_reports_s=wait_reports_s).execute()


def entries(desk: Desk, kind: str) -> list[dict[str, object]]:
    """What the log says in entries of this kind."""
    return [json.loads(row.line)["data"] for row in desk.store.audit() if row.kind == kind]


def test_a_long_text_is_handed_over_once_and_each_part_is_accounted_for(desk: Desk, route: MemoryDriver) -> None:
    desk.fill(1, LONG)
    finished = run(desk, (route, "memory:"))
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (EXIT_OK, 1)
    assert [each.text for each in route.provider.on_air] == [LONG]
    (message,) = desk.store.messages()
    assert [part.handle for part in message.parts] == ["M1#1", "M1#2", "M1#3"]
    assert [part.said for part in message.parts] == ["delivered"] * 3
    attempts, outcomes, reports = (entries(desk, kind) for kind in ("attempt", "outcome", "report"))
    assert [len(str(one.get("key", ""))) for one in attempts] == [32, 0, 0]
    assert [one["whole"] for one in attempts] == [True] * 3
    assert [one["handle"] for one in outcomes] == ["M1#1", "M1#2", "M1#3"]
    assert sorted(str(one["handle"]) for one in reports) == ["M1#1", "M1#2", "M1#3"]
    assert desk.store.verify().findings == ()


def test_the_rest_of_a_text_does_not_follow_over_a_route_that_takes_whole_texts(desk: Desk) -> None:
    desk.fill(1, LONG)
    runs = list[Run]()

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.seq == 1:
            return link.accept(submission)
        runs[0].stop()
        return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, why="busy")

    desk.driver.answer = answer
    runs.append(made(desk, (desk.driver, "fake1")))
    runs[0].execute()
    phone = MemoryDriver(iccid=SIM)
    finished = run(desk, (phone, "memory:"))
    assert finished.totals[State.FAILED] == 1
    assert phone.provider.on_air == []
    (message,) = desk.store.messages()
    assert message.why.startswith("part 1 of 3 went out and cannot be called back, the rest did not")
    assert "takes only whole texts" in message.why
    assert desk.store.verify().findings == ()


@pytest.mark.parametrize("how", ["stopped", "cancelled"])
def test_a_text_that_went_whole_is_neither_sent_on_in_parts_nor_on_record_as_torn(desk: Desk, how: str) -> None:
    desk.fill(1, LONG)
    phone, runs = MemoryDriver(iccid=SIM), list[Run]()

    def answer(client: MemoryClient, submission: Submission) -> Outcome:
        outcome = client.accept(submission)
        if how == "stopped":
            runs[0].stop()
        else:
            desk.store.cancel("campaign", "DC Example", "meant otherwise", time.time())
        return outcome

    phone.provider.faults.append(answer)
    runs.append(made(desk, (phone, "memory:")))
    runs[0].execute()
    desk.execute(wait_reports_s=0.1)
    assert desk.driver.on_air == []
    (message,) = desk.store.messages()
    assert (message.state, message.why) == (State.SENT, "")
    assert [part.outcome for part in message.parts] == [OutcomeKind.ACCEPTED] * 3
    assert desk.store.verify().findings == ()


def test_entries_of_a_modem_line_have_nothing_more(desk: Desk) -> None:
    desk.fill(1)
    desk.execute()
    for kind in ("attempt", "outcome", "report", "line"):
        (entry,) = entries(desk, kind)
        assert not {"key", "handle", "said", "account"} & set(entry)


def test_a_lost_answer_is_settled_by_the_record_of_the_route(desk: Desk, route: MemoryDriver) -> None:
    desk.fill(2, LONG)
    route.provider.faults.append(silent)
    finished = run(desk, (route, "memory:"))
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (EXIT_OK, 2)
    assert len(route.provider.on_air) == 2
    assert any("its own record settled message 1: accepted" in told.text for told in desk.of(Notice))
    assert entries(desk, "settle")[0]["by"] == "the route's own record"
    assert desk.store.verify().findings == ()


def test_what_the_record_proves_not_taken_is_sent_once_more(desk: Desk, route: MemoryDriver) -> None:
    desk.fill(1)
    route.provider.faults.append(unreached)
    finished = run(desk, (route, "memory:"))
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (EXIT_OK, 1)
    assert len(route.provider.on_air) == 1
    assert len(entries(desk, "attempt")) == 2


def test_without_a_record_it_stays_uncertain(desk: Desk, route: MemoryDriver) -> None:
    desk.fill(1)
    route.provider.record = False
    route.provider.faults.append(silent)
    finished = run(desk, (route, "memory:"), wait_reports_s=0.5)
    assert finished.totals[State.UNCERTAIN] == 1
    keys = [asked for asked in route.provider.asked if len(asked) == 32]
    assert len(keys) >= 2
    assert len(route.provider.on_air) == 1


@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
def test_an_attempt_that_a_kill_left_open_is_looked_up_at_the_next_start(
    desk: Desk, route: MemoryDriver, taken: bool
) -> None:
    desk.fill(1, LONG)
    device = Device("memory", "memory:", account=route.provider.account, virtual=True)
    line = desk.store.line(Sim(), device, time.time())
    (message,) = desk.store.claim(line.line_id, 1, time.time()).result()
    key = "ab" * 16
    intent = AttemptOpen(message.message_id, 1, line.line_id, time.time(), "x", key, whole=True)
    desk.store.advance(None, intent).result()
    if taken:
        segment = split(LONG).segments[0]
        route.provider.take(Submission(number(0), segment, LONG, 1, 3, key=key), "x")
    finished = run(desk, (route, "memory:"))
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (EXIT_OK, 1)
    assert [each.text for each in route.provider.on_air] == [LONG]
    assert entries(desk, "settle")[0]["outcome"] == ("accepted" if taken else "refused")
    assert desk.store.verify().findings == ()


KILLED = """
import json, os, signal, sys
from pathlib import Path
from gsmsend.contract import Submission
from gsmsend.engine.run import Run
from gsmsend.testing.memory_route import MemoryClient, MemoryDriver
from gsmsend.testing.scripted import Desk, RealClock

desk, driver, told = Desk(Path(sys.argv[1])), MemoryDriver(), []

def killed(client: MemoryClient, submission: Submission) -> None:
    client.accept(submission)
    Path(sys.argv[1], "taken").write_text(json.dumps({"key": submission.key, "text": submission.text}))
    os.kill(os.getpid(), signal.SIGKILL)

desk.fill(3, sys.argv[2])
driver.provider.faults.append(killed)
routes = [(driver, driver.endpoint("memory:"))]
run = Run(desk.settings, desk.store, RealClock(), routes, publish=told.append, wait_reports_s=5.0, stay=False)
run.execute()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_between_request_and_answer_sends_nobody_a_text_twice(tmp_path: Path, route: MemoryDriver) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), LONG], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    taken = json.loads((tmp_path / "taken").read_text(encoding="utf-8"))
    segment = split(LONG).segments[0]
    route.provider.take(Submission("one of three", segment, LONG, 1, 3, key=taken["key"]), "x")
    desk = Desk(tmp_path)
    try:
        finished = run(desk, (route, "memory:"))
        assert (finished.exit_code, finished.totals[State.DELIVERED]) == (EXIT_OK, 3)
        assert len(route.provider.on_air) == 3
        assert len(entries(desk, "attempt")) == 9
        assert [one["by"] for one in entries(desk, "settle")] == ["the route's own record"]
        assert desk.store.verify().findings == ()
    finally:
        desk.store.close()


def test_reports_are_asked_for_after_a_restart(desk: Desk, route: MemoryDriver) -> None:
    desk.fill(1, LONG)
    route.provider.reports = None
    assert run(desk, (route, "memory:"), wait_reports_s=0.0).totals[State.SENT] == 1
    route.provider.report("M1", *DELIVERED)
    assert run(desk, (route, "memory:")).totals[State.DELIVERED] == 1


def test_reports_come_in_while_there_is_still_work(
    desk: Desk, route: MemoryDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gsmsend.engine.lookups._HEAR_EVERY_S", 0.05)
    delivered: list[int] = []

    def slow(client: MemoryClient, submission: Submission) -> None:
        time.sleep(0.03)
        delivered.append(desk.store.totals()[State.DELIVERED])

    desk.fill(20)
    route.provider.faults.extend([slow] * 20)
    run(desk, (route, "memory:"))
    assert delivered[-1] > 0


def test_a_provider_that_asks_to_wait_is_left_alone_so_long(desk: Desk, route: MemoryDriver) -> None:
    desk.fill(2)
    route.provider.faults.append(busy(1.2))
    began_s = time.monotonic()
    finished = run(desk, (route, "memory:"))
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (EXIT_OK, 2)
    assert time.monotonic() - began_s > 1.2
    assert any("the provider asks to wait until" in told.text for told in desk.of(Notice))
    assert [part.attempts for message in desk.store.messages() for part in message.parts] == [1, 1]


def test_another_account_stops_the_line_and_both_are_named(desk: Desk, route: MemoryDriver) -> None:
    desk.fill(1)
    run(desk, (route, "memory:"))
    desk.settings = replace(desk.settings, lab=False)
    desk.fill(1, "Another text.")
    route.provider.account = "memory AC0002 as Help"
    finished = run(desk, (route, "memory:"))
    assert finished.exit_code == EXIT_GUARD
    assert "memory AC0001" in finished.why
    assert "memory AC0002" in finished.why
    assert len(route.provider.on_air) == 1
    desk.settings = replace(desk.settings, sims=("memory AC0002 as Help",))
    assert run(desk, (route, "memory:")).exit_code == EXIT_OK
    assert len(route.provider.on_air) == 2


def test_modems_sims_says_nothing_of_accounts(desk: Desk, route: MemoryDriver) -> None:
    desk.fill(1)
    desk.settings = replace(desk.settings, sims=("8944000000000000017",))
    assert run(desk, (route, "memory:")).totals[State.DELIVERED] == 1


@dataclass
class _Altering(MemoryDriver):
    words: Sequence[str] = ("A row stays in its sent folder.",)

    def changes(self, endpoint: Endpoint) -> Sequence[str]:
        return self.words


def test_an_exhibit_is_not_changed_before_an_officer_accepted_exactly_that(desk: Desk) -> None:
    route = _Altering()
    route.provider.reports = DELIVERED
    desk.fill(1)
    desk.settings = replace(desk.settings, lab=False)
    desk.store.add_officer("DC Example", "ab" * 32, "pc1", "pc9", time.time())
    finished = run(desk, (route, "serial1"))
    assert (finished.exit_code, route.opened) == (EXIT_GUARD, 0)
    assert "A row stays in its sent folder" in finished.why
    desk.store.accept_changes("DC Example", "memory", "serial1", ("Something else.",), "12/26", time.time())
    assert run(desk, (route, "serial1")).exit_code == EXIT_GUARD
    desk.store.accept_changes("DC Example", "memory", "serial1", tuple(route.words), "12/26", time.time())
    assert run(desk, (route, "serial1")).totals[State.DELIVERED] == 1


def test_in_a_lab_nobody_is_asked(desk: Desk) -> None:
    route = _Altering()
    desk.fill(1)
    assert run(desk, (route, "serial1"), wait_reports_s=0.0).totals[State.SENT] == 1


def test_an_account_that_reaches_people_takes_no_drama_numbers(desk: Desk) -> None:
    route = MemoryDriver(virtual=False)
    desk.fill(1)
    assert run(desk, (route, "memory:")).totals[State.FAILED] == 1
    assert route.provider.on_air == []


class TestBesideModems:
    """A cloud takes only what is bound to it, and is no reason to wait."""

    def test_it_takes_nothing_of_the_open_queue(self, desk: Desk) -> None:
        cloud = MemoryDriver(cloud=True)
        desk.fill(20)
        finished = run(desk, (desk.driver, "fake1"), (cloud, "memory:"))
        assert (finished.exit_code, finished.totals[State.DELIVERED]) == (EXIT_OK, 20)
        assert cloud.provider.on_air == []

    def test_it_does_not_keep_a_run_waiting_for_reports(self, desk: Desk) -> None:
        cloud = MemoryDriver(cloud=True)
        desk.driver.reports = False
        desk.driver.answer = lambda link, submission: link.accept(submission, status=None)
        desk.fill(1)
        began_s = time.monotonic()
        finished = run(desk, (desk.driver, "fake1"), (cloud, "memory:"), wait_reports_s=60.0)
        assert finished.why == "these modems give no delivery reports"
        assert time.monotonic() - began_s < 30.0

    def test_when_every_modem_is_gone_it_is_no_way_out(self, desk: Desk) -> None:
        cloud = MemoryDriver(cloud=True)
        desk.settings = replace(desk.settings, sims=("8944000000000000025",))
        desk.fill(1)
        finished = run(desk, (desk.driver, "fake1"), (cloud, "memory:"))
        assert finished.exit_code == EXIT_GUARD
        assert "is not one of modems.sims" in finished.why
        assert cloud.provider.on_air == []

    def test_alone_it_ends_a_run_with_no_route(self, desk: Desk) -> None:
        cloud = MemoryDriver(cloud=True)
        desk.fill(1)
        finished = run(desk, (cloud, "memory:"))
        assert finished.exit_code == EXIT_NO_ROUTE
        assert "only the texts that are meant for it" in finished.why
        assert cloud.provider.on_air == []

    def test_what_is_bound_to_an_account_that_is_not_here_names_it(self, desk: Desk) -> None:
        cloud = MemoryDriver()
        desk.fill(1, LONG)
        cloud.provider.record = False
        cloud.provider.faults.append(silent)
        run(desk, (cloud, "memory:"), wait_reports_s=0.0)
        (line,) = desk.store.lines()
        device = Device("memory", "memory:", virtual=True, account=line.account)
        desk.store.line(Sim(), device, time.time(), cloud=True)
        (doubt,) = desk.store.in_doubt(line.line_id, 0.0)
        never = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, why="its record has no such text")
        desk.store.settle_lookup(doubt.attempt_id, never, time.time()).result()
        finished = run(desk, (desk.driver, "fake1"))
        assert finished.exit_code == EXIT_NO_ROUTE
        assert finished.why == f"the texts that are left must go over the account {line.name} that is not here"
        assert desk.driver.on_air == []
